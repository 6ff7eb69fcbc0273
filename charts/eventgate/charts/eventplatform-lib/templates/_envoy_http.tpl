{{/* The HTTP parts of Envoy's configuration. */}}

{{/* What every HTTP connection manager has: routing; with log, lines for answers from a status on; with tracing, spans. */}}
{{- define "eventplatform.envoy_http" -}}
"@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
http_filters:
  {{- with .filters }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  - name: envoy.filters.http.router
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
http_protocol_options: {accept_http_10: true}
internal_address_config:
  unix_sockets: true
  cidr_ranges:
    - {address_prefix: 10.0.0.0, prefix_len: 8}
    - {address_prefix: 127.0.0.1, prefix_len: 32}
    - {address_prefix: "::1", prefix_len: 128}
{{- with .log }}
access_log:
  - name: envoy.access_loggers.file
    filter:
      status_code_filter:
        comparison:
          op: GE
          value: {default_value: {{ int .from }}, runtime_key: {{ .key }}}
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
      path: /dev/stdout
{{- end }}
{{- with .tracing }}
{{- if .enabled }}
tracing:
  {{- with .sampling }}
  random_sampling: {value: {{ . }}}
  {{- end }}
  provider:
    name: envoy.tracers.opentelemetry
    typed_config:
      "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
      grpc_service:
        envoy_grpc: {cluster_name: otel_collector}
        timeout: 0.25s
      {{- with $.service }}
      service_name: {{ . }}
      {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* From clients to the program. */}}
{{- define "eventplatform.envoy_inbound" -}}
{{- $mesh := .Values.mesh -}}
{{- $tracing := $mesh.tracing | default dict -}}
{{- $filters := list -}}
{{- with $mesh.faultinjection }}{{ if .enabled -}}
{{- $percentage := dict "numerator" (int (.pct | default 0)) "denominator" "HUNDRED" -}}
{{- $fault := dict "@type" "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault" "max_active_faults" 100 "abort" (dict "http_status" (int (.http_status | default 503)) "percentage" $percentage) -}}
{{- $filters = list (dict "name" "envoy.filters.http.fault" "typed_config" $fault) -}}
{{- end }}{{ end -}}
- name: tls_termination
  {{- include "eventplatform.envoy_address" $mesh.public_port | nindent 2 }}
  traffic_direction: INBOUND
  listener_filters:
    - name: envoy.filters.listener.tls_inspector
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
  filter_chains:
    - transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          common_tls_context:
            tls_certificate_sds_secret_configs:
              - name: tls_sds
                sds_config:
                  resource_api_version: V3
                  path_config_source: {path: /etc/envoy/tls_certificate_sds_secret.yaml}
      filters:
        - name: envoy.filters.network.http_connection_manager
          typed_config:
            stat_prefix: ingress_https_{{ .Release.Name }}
            server_name: {{ .Release.Name }}-tls
            server_header_transformation: APPEND_IF_ABSENT
            {{- include "eventplatform.envoy_http" (dict "filters" $filters "tracing" $tracing "service" ($tracing.service_name | default .Release.Namespace) "log" (dict "from" ($mesh.local_access_log_min_code | default 500) "key" "tls_terminator_min_log_code")) | nindent 12 }}
            {{- if $tracing.enabled }}
            request_id_extension:
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig
                pack_trace_reason: false
            {{- end }}
            {{- if $mesh.error_page }}
            local_reply_config:
              mappers:
                - filter:
                    status_code_filter:
                      comparison:
                        op: GE
                        value: {default_value: 502, runtime_key: errorpage_min_code}
                  body_format_override:
                    text_format_source: {filename: /etc/envoy/error_page.html}
                    content_type: text/html; charset=UTF-8
            {{- end }}
            route_config:
              {{- with $mesh.request_headers_to_add }}
              request_headers_to_add:
                {{- range . }}
                - header: {key: {{ .header | quote }}, value: {{ .value | quote }}}
                  append_action: {{ ternary "APPEND_IF_EXISTS_OR_ADD" "OVERWRITE_IF_EXISTS_OR_ADD" (.append | default false) }}
                {{- end }}
              {{- end }}
              virtual_hosts:
                - name: tls_termination
                  domains: ["*"]
                  routes:
                    - match: {prefix: /}
                      route:
                        cluster: {{ include "eventplatform.envoy_local" . }}
                        timeout: {{ $mesh.upstream_timeout | default "60s" }}
                        {{- with $mesh.idle_upstream_timeout | default $mesh.upstream_idle_timeout }}
                        idle_timeout: {{ . }}
                        {{- end }}
                        {{- with $mesh.upstream_retry_policy }}
                        retry_policy:
                          {{- toYaml . | nindent 26 }}
                        {{- end }}
{{- end }}

{{/* From the program to another service. Name, Listener (an entry of services_proxy), Mesh, Own (what discovery.ratelimit_listeners has of it). */}}
{{- define "eventplatform.envoy_outbound" -}}
{{- $listener := .Listener -}}
{{- $tracing := .Mesh.tracing | default dict -}}
{{- if eq (toString $listener.tracing_enabled) "false" }}{{ $tracing = dict }}{{ end -}}
{{- $limit := include "eventplatform.envoy_limit" . | fromYaml -}}
{{- $filters := list -}}
{{- if $limit -}}
{{- $service := dict "transport_api_version" "V3" "grpc_service" (dict "envoy_grpc" (dict "cluster_name" "ratelimit")) -}}
{{- $config := dict "@type" "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit" "domain" ($limit.domain | default .Name) "timeout" ((.Mesh.ratelimit | default dict).timeout | default "0.02s") "failure_mode_deny" false "rate_limited_as_resource_exhausted" true "enable_x_ratelimit_headers" "DRAFT_VERSION_03" "rate_limit_service" $service -}}
{{- $filters = list (dict "name" "envoy.filters.http.ratelimit" "typed_config" $config) -}}
{{- end -}}
- name: {{ .Name }}
  {{- include "eventplatform.envoy_address" $listener.port | nindent 2 }}
  filter_chains:
    - filters:
        - name: envoy.filters.network.http_connection_manager
          typed_config:
            stat_prefix: {{ .Name }}_egress
            {{- include "eventplatform.envoy_http" (dict "filters" $filters "tracing" $tracing "log" (dict "from" 500 "key" (printf "%s_min_log_code" .Name))) | nindent 12 }}
            route_config:
              name: {{ .Name }}_route
              {{- with $listener.xfp }}
              request_headers_to_remove: [x-forwarded-proto]
              request_headers_to_add:
                - header: {key: x-forwarded-proto, value: {{ . | quote }}}
              {{- end }}
              virtual_hosts:
                - name: {{ .Name }}
                  domains: ["*"]
                  {{- if $limit }}
                  rate_limits:
                    - actions:
                        - request_headers: {header_name: user-agent, descriptor_key: user-agent}
                  {{- end }}
                  routes:
                    {{- with $listener.split }}
                    - match:
                        prefix: /
                        runtime_fraction:
                          runtime_key: routing.traffic_shift.{{ $.Name }}
                          default_value: {numerator: {{ .percentage }}, denominator: HUNDRED}
                      {{- include "eventplatform.envoy_route" (dict "Cluster" (printf "%s-split" $.Name) "Upstream" . "Listener" $listener) | nindent 22 }}
                    {{- end }}
                    - match: {prefix: /}
                      {{- include "eventplatform.envoy_route" (dict "Cluster" .Name "Upstream" $listener.upstream "Listener" $listener) | nindent 22 }}
{{- end }}

{{/* The limit of requests to another service: what services_proxy says of it, under what the chart's own values say. Nothing: none. */}}
{{- define "eventplatform.envoy_limit" -}}
{{- if or .Own .Listener.ratelimit -}}
{{- $limit := mergeOverwrite (deepCopy (.Listener.ratelimit | default dict)) (.Own | default dict) -}}
{{- if ne ($limit.by | default "user-agent") "user-agent" }}{{ fail (printf "the rate limit of %s is by %q: only user-agent is known" .Name $limit.by) }}{{ end -}}
{{- set $limit "by" "user-agent" | toYaml -}}
{{- end -}}
{{- end }}

{{- define "eventplatform.envoy_route" -}}
route:
  cluster: {{ .Cluster }}
  timeout: {{ .Listener.timeout | default "15s" }}
  {{- with .Upstream.idle_timeout }}
  idle_timeout: {{ . }}
  {{- end }}
  {{- if .Listener.http_host }}
  host_rewrite_literal: {{ .Listener.http_host }}
  {{- else if and .Upstream.sets_sni (ne (toString .Upstream.sni_rewrites_host_header) "false") }}
  auto_host_rewrite: true
  {{- end }}
  {{- with .Listener.retry_policy }}
  retry_policy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "eventplatform.envoy_cluster" -}}
- name: {{ .Name }}
  type: STRICT_DNS
  dns_lookup_family: V4_ONLY
  connect_timeout: 0.25s
  {{- if .HTTP2 }}
  typed_extension_protocol_options:
    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
      explicit_http_config: {http2_protocol_options: {}}
  {{- end }}
  {{- with .Upstream.keepalive }}
  {{- include "eventplatform.envoy_protocol" (dict "idle" . "requests" 1000) | nindent 2 }}
  {{- end }}
  {{- include "eventplatform.envoy_endpoints" (dict "Name" .Name "Upstreams" (list .Upstream)) | nindent 2 }}
  {{- with .Upstream.tcp_keepalive }}
  upstream_connection_options:
    tcp_keepalive:
      {{- toYaml . | nindent 6 }}
  {{- end }}
  {{- if .Upstream.encryption }}
  transport_socket:
    name: envoy.transport_sockets.tls
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      {{- if .Upstream.sets_sni }}
      sni: {{ .Upstream.address }}
      {{- end }}
      common_tls_context:
        validation_context:
          trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}
  {{- end }}
{{- end }}
