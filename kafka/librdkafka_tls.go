package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// rdkafkaTLS is what librdkafka's ssl settings say.
type rdkafkaTLS struct {
	caFile, caPEM     string
	certFile, certPEM string
	keyFile, keyPEM   string
	ciphers           []uint16
	curves            []tls.CurveID
	anyName           bool // the broker's name is not compared with its certificate
	trustAnyone       bool
}

// opensslCiphers are OpenSSL's names of what Go implements below TLS 1.3.
var opensslCiphers = map[string]uint16{
	"ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-ECDSA-CHACHA20-POLY1305": tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-ECDSA-AES256-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	"ECDHE-ECDSA-AES128-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
	"ECDHE-RSA-AES256-GCM-SHA384":   tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-AES128-GCM-SHA256":   tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-CHACHA20-POLY1305":   tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-RSA-AES256-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
	"ECDHE-RSA-AES128-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
}

var opensslCurves = map[string]tls.CurveID{
	"P-256": tls.CurveP256, "prime256v1": tls.CurveP256,
	"P-384": tls.CurveP384, "secp384r1": tls.CurveP384,
	"P-521": tls.CurveP521, "secp521r1": tls.CurveP521,
	"X25519": tls.X25519,
}

func (t *rdkafkaTLS) setCiphers(list string) (reason string, err error) {
	var left []string
	for name := range strings.FieldsFuncSeq(list, func(c rune) bool { return c == ':' || c == ',' || c == ' ' }) {
		if id, ok := opensslCiphers[name]; ok {
			t.ciphers = append(t.ciphers, id)
		} else {
			left = append(left, name)
		}
	}
	switch {
	case len(t.ciphers) == 0:
		return "", fmt.Errorf("none of these ciphers is known here: %s", list)
	case len(left) > 0:
		return fmt.Sprintf("these are not known here, the others are used: %s", strings.Join(left, ", ")), nil
	}
	return "", nil
}

func (t *rdkafkaTLS) setCurves(list string) error {
	for name := range strings.FieldsFuncSeq(list, func(c rune) bool { return c == ':' || c == ',' || c == ' ' }) {
		id, ok := opensslCurves[name]
		if !ok {
			return fmt.Errorf("the curve %q is not known here", name)
		}
		t.curves = append(t.curves, id)
	}
	return nil
}

func (t *rdkafkaTLS) config() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: t.ciphers, CurvePreferences: t.curves}
	ca, key, err := pemOf(t.caPEM, t.caFile, "ssl.ca.pem", "ssl.ca.location")
	if err != nil {
		return nil, err
	}
	if ca != nil {
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(ca) {
			return nil, &ConfigError{key, "there is no certificate (PEM) in it"}
		}
	}
	if err := t.ownCertificate(cfg); err != nil {
		return nil, err
	}
	switch {
	case t.trustAnyone:
		cfg.InsecureSkipVerify = true
	case t.anyName:
		cfg.InsecureSkipVerify = true // and instead:
		cfg.VerifyConnection = func(s tls.ConnectionState) error { return verifyChain(s, cfg.RootCAs) }
	}
	return cfg, nil
}

// ownCertificate reads the certificate that brokers may want of their clients.
func (t *rdkafkaTLS) ownCertificate(cfg *tls.Config) error {
	cert, certKey, err := pemOf(t.certPEM, t.certFile, "ssl.certificate.pem", "ssl.certificate.location")
	if err != nil {
		return err
	}
	key, keyKey, err := pemOf(t.keyPEM, t.keyFile, "ssl.key.pem", "ssl.key.location")
	if err != nil {
		return err
	}
	switch {
	case cert == nil && key == nil:
		return nil
	case cert == nil:
		return &ConfigError{keyKey, "a key is of no use without ssl.certificate.location"}
	case key == nil:
		return &ConfigError{certKey, "a certificate is of no use without ssl.key.location"}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return &ConfigError{certKey, strings.TrimPrefix(err.Error(), "tls: ")}
	}
	cfg.Certificates = []tls.Certificate{pair}
	return nil
}

// pemOf returns the text of a setting, or of the file that another one names, and the setting's key.
func pemOf(text, file, textKey, fileKey string) ([]byte, string, error) {
	if text != "" {
		return []byte(text), textKey, nil
	}
	if file == "" {
		return nil, "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, "", &ConfigError{fileKey, fmt.Sprintf("cannot read %s: %v", file, err)}
	}
	return b, fileKey, nil
}

// verifyChain is what crypto/tls does, apart from comparing the name.
func verifyChain(s tls.ConnectionState, roots *x509.CertPool) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the broker has no certificate")
	}
	opts := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, c := range s.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(opts)
	return err
}
