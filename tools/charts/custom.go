package main

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The custom kinds that the charts make, as far as the charts use them.

type object struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
}

type calicoPolicy struct {
	object
	Spec struct {
		Selector string   `json:"selector"`
		Types    []string `json:"types"`
		Egress   []struct {
			Action      string `json:"action"`
			Destination struct {
				Services struct {
					Name      string `json:"name"`
					Namespace string `json:"namespace"`
				} `json:"services"`
			} `json:"destination"`
		} `json:"egress"`
	} `json:"spec"`
}

type certificate struct {
	object
	Spec struct {
		CommonName           string            `json:"commonName"`
		SecretName           string            `json:"secretName"`
		DNSNames             []string          `json:"dnsNames"`
		RevisionHistoryLimit int               `json:"revisionHistoryLimit"`
		IssuerRef            map[string]string `json:"issuerRef"`
	} `json:"spec"`
}

type istio[spec any] struct {
	object
	Spec spec `json:"spec"`
}

type istioGateway struct {
	Selector map[string]string `json:"selector"`
	Servers  []struct {
		Port struct {
			Number   int    `json:"number"`
			Name     string `json:"name"`
			Protocol string `json:"protocol"`
		} `json:"port"`
		TLS   map[string]string `json:"tls"`
		Hosts []string          `json:"hosts"`
	} `json:"servers"`
}

type istioVirtualService struct {
	Hosts    []string `json:"hosts"`
	Gateways []string `json:"gateways"`
	HTTP     []struct {
		Name       string         `json:"name"`
		Match      []any          `json:"match"`
		Route      []istioRoute   `json:"route"`
		CORSPolicy map[string]any `json:"corsPolicy"`
	} `json:"http"`
}

type istioRoute struct {
	Destination struct {
		Host string `json:"host"`
		Port struct {
			Number int `json:"number"`
		} `json:"port"`
	} `json:"destination"`
}

type istioDestinationRule struct {
	Host          string `json:"host"`
	TrafficPolicy struct {
		TLS struct {
			Mode            string   `json:"mode"`
			CACertificates  string   `json:"caCertificates"`
			SubjectAltNames []string `json:"subjectAltNames"`
		} `json:"tls"`
	} `json:"trafficPolicy"`
}
