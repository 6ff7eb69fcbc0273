package config

import (
	"net"
	"net/url"
	"strconv"

	"github.com/eventplatform/eventplatform/internal/service"
)

// Why settings of service-runner have no meaning here.
const (
	reasonWorkers = "one process uses every core it may (the Go runtime follows the container's limit), so there are no workers to count or to restart"
	reasonHeap    = "nothing is restarted over memory, which is bounded everywhere; set GOMEMLIMIT to 80–90 % of the container's limit instead"
	reasonStatsd  = "metrics are Prometheus's, on a port of their own; nothing is pushed"
)

// serviceRunner reads the file and everything in it but services[0].conf, which it returns with its place.
func (r *reading) serviceRunner(s *Service, forms endpoint) (conf *node, path string) {
	root := r.document()
	var services *node
	var metrics *node
	r.object("", root, fields{
		"service_name":             text(&s.Name),
		"num_workers":              nothing(reasonWorkers),
		"worker_heap_limit_mb":     nothing(reasonHeap),
		"worker_heartbeat_timeout": nothing(reasonWorkers),
		"worker_startup_timeout":   nothing(reasonWorkers),
		"cpu_affinity":             nothing(reasonWorkers),
		"logging":                  s.logging(),
		"metrics":                  keep(&metrics),
		"tracing":                  s.tracing(),
		"services":                 keep(&services),
		"ratelimiter":              nothing("there is no rate limiter between workers"),
		"info":                     nothing("/_info is this program's own"),
		"user":                     nothing("the program runs as whoever starts it"),
		"dns_cache":                nothing("names are looked up by the operating system's rules"),
		"app_base_path":            nothing("there is no code to be loaded"),
	})
	r.metrics(s, metrics)
	entry, path := r.entry(root, services)
	r.object(path, entry, fields{
		"name":       text(&s.Name),
		"module":     nothing("which service this is, is said by the command"),
		"entrypoint": nothing("which service this is, is said by the command"),
		"version":    nothing("the program's version is its own"),
		"conf":       keep(&conf),
	})
	if s.Name == "" {
		s.Name = forms.name
	}
	r.endpoint(s, conf, path+".conf", forms)
	return conf, path + ".conf"
}

// entry returns the one service of the file.
func (r *reading) entry(root, services *node) (*node, string) {
	const path = "services"
	switch {
	case root == nil:
		// Said already.
	case services.isNull():
		r.fault(root.line, path, "is missing: the settings stand in services[0].conf")
	case services.kind == kindObject:
		return services, path
	case services.kind != kindList:
		r.fault(services.line, path, "is %s: it must be a list with one service", services.kind)
	case len(services.items) == 0:
		r.fault(services.line, path, "is empty: the settings stand in services[0].conf")
	default:
		if n := len(services.items); n > 1 {
			r.fault(services.items[1].line, path, "has %d services, but a process runs one: give each a file of its own", n)
		}
		return services.items[0], path + "[0]"
	}
	return nil, path + "[0]"
}

// endpoint has what a service listens on when nothing says otherwise.
type endpoint struct {
	name    string
	port    int
	address string
}

// endpoint decides where the service listens.
func (r *reading) endpoint(s *Service, conf *node, path string, forms endpoint) {
	port, address := forms.port, forms.address
	read := func(key string, into reader) {
		if n := conf.get(key); !n.isNull() {
			into(r, path+"."+key, n)
		}
	}
	read("port", whole(&port, 0, 65535))
	read("interface", text(&address))
	read("user_agent", text(&s.UserAgent))
	s.Listen = net.JoinHostPort(address, strconv.Itoa(port))
	if r.over.Listen != "" {
		s.Listen = r.over.Listen
	}
	if r.over.AdminListen != "" {
		s.AdminListen = r.over.AdminListen
	}
	if r.over.LogFormat != "" {
		s.LogFormat = service.LogFormat(r.over.LogFormat)
	}
	if r.over.LogLevel != "" {
		level, ok := service.ParseLevel(r.over.LogLevel)
		if !ok {
			r.fault(0, "--log-level", "is %q: it must be one of %s", r.over.LogLevel, service.LevelNames)
			return
		}
		s.LogLevel = level
	}
}

// known says that a setting was read elsewhere.
func known(*reading, string, *node) {}

func (s *Service) logging() reader {
	return inside(fields{
		"name": nothing("lines bear the service's name"),
		"level": func(r *reading, path string, n *node) {
			level, ok := service.ParseLevel(n.text)
			if !ok {
				r.fault(n.line, path, "is %s: it must be one of %s", n.describe(), service.LevelNames)
			}
			s.LogLevel = level
		},
		"format":         choice(&s.LogFormat, service.Bunyan, service.ECS),
		"streams":        s.logStreams,
		"sampled_levels": nothing("lines that repeat under load are bounded by themselves"),
	})
}

func (s *Service) tracing() reader {
	return inside(fields{
		"endpoint": func(r *reading, path string, n *node) {
			if u, err := url.Parse(n.text); !n.isText() || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				r.fault(n.line, path, "is %s: it must be an http or https URL such as http://collector:4318", n.describe())
			}
			s.TracingEndpoint = n.text
		},
		"sampling": share(&s.TracingSampling),
	})
}

// logStreams chooses between standard output and standard error; lines go nowhere else.
func (s *Service) logStreams(r *reading, path string, n *node) {
	if n.kind != kindList {
		r.fault(n.line, path, "is %s: it must be a list", n.kind)
		return
	}
	for i, item := range n.items {
		place := path + "[" + strconv.Itoa(i) + "]"
		s.NamedLevels = s.NamedLevels || item.get("named_levels") != nil && item.get("named_levels").text == "true"
		switch kind := item.get("type"); {
		case kind.isNull():
			r.warn(item.line, place, "has no type: lines go to standard output")
		case kind.text == "stdout":
			s.LogToStderr = false
		case kind.text == "stderr":
			s.LogToStderr = true
		default:
			r.ignore(item.line, place, "lines go to standard output as JSON, from where the container's runtime takes them; nothing is sent to %q", kind.text)
		}
	}
}

// metrics decides the admin port.
func (r *reading) metrics(s *Service, n *node) {
	if n.isNull() {
		return
	}
	path, list := "metrics", []*node{n}
	if n.kind == kindList {
		list = n.items
	}
	for i, item := range list {
		place := path
		if n.kind == kindList {
			place += "[" + strconv.Itoa(i) + "]"
		}
		kind := item.get("type")
		if item.kind == kindObject && !kind.isNull() && kind.text != "prometheus" {
			r.ignore(item.line, place, "type %s: %s", kind.text, reasonStatsd)
			continue
		}
		port := 0
		r.object(place, item, fields{
			"type": known,
			"name": nothing("the label service is the service's name"),
			"port": whole(&port, 0, 65535),
			"host": nothing(reasonStatsd), "prefix": nothing(reasonStatsd), "batch": nothing(reasonStatsd),
		})
		if port != 0 {
			s.AdminListen = net.JoinHostPort("", strconv.Itoa(port))
		}
	}
}
