// Promcheck reads Prometheus expressions, one JSON string a line, and writes for each what it selects, one JSON object a line: the metrics, with the labels that
// they are selected and grouped by, or what is wrong with the expression.
//
// It is a module of its own because Prometheus's parser brings a lot with it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// selection is one metric of an expression.
type selection struct {
	Metric string   `json:"metric"`
	Labels []string `json:"labels"`
}

type verdict struct {
	Error      string      `json:"error,omitempty"`
	Selections []selection `json:"selections,omitempty"`
	// Grouping are the labels of by, on, ignoring and without, of whichever metric.
	Grouping []string `json:"grouping,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	p := parser.NewParser(parser.Options{})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			return fmt.Errorf("%s: %w", lines.Bytes(), err)
		}
		if err := out.Encode(judge(p, text)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func judge(p parser.Parser, text string) verdict {
	expr, err := p.ParseExpr(text)
	if err != nil {
		return verdict{Error: err.Error()}
	}
	var v verdict
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			s := selection{Metric: n.Name}
			for _, m := range n.LabelMatchers {
				if m.Name != labels.MetricName {
					s.Labels = append(s.Labels, m.Name)
				}
			}
			v.Selections = append(v.Selections, s)
		case *parser.AggregateExpr:
			v.Grouping = append(v.Grouping, n.Grouping...)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				v.Grouping = append(v.Grouping, n.VectorMatching.MatchingLabels...)
			}
		}
		return nil
	})
	return v
}
