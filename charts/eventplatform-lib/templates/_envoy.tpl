{{/*
Envoy's configuration:

  clients ── TLS, mesh.public_port ──▶ the program         (mesh.upstream_local_port, else app.port)
  the program ── a listener's port ──▶ another service     (each of discovery.listeners; services_proxy says where it is)
  the program ── a listener's port ──▶ another service     (each of tcp_proxy.listeners; tcp_services_proxy says where it is)
  Prometheus ── mesh.telemetry.port ─▶ Envoy's own metrics
*/}}
{{- define "eventplatform.envoy" -}}
{{- $values := .Root.Values -}}
{{- $mesh := $values.mesh -}}
admin:
  access_log:
    - name: envoy.access_loggers.file
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
        path: /var/log/envoy/admin-access.log
  address:
    {{- include "eventplatform.envoy_admin" $mesh | nindent 4 }}
  ignore_global_conn_limit: true
layered_runtime:
  layers:
    - name: admin_layer_0
      admin_layer: {}
{{- with $mesh.envoy_stats_config }}
stats_config:
  {{- toYaml . | nindent 2 }}
{{- end }}
overload_manager:
  resource_monitors:
    - name: envoy.resource_monitors.global_downstream_max_connections
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
        max_active_downstream_connections: 50000
static_resources:
  clusters:
    - name: admin_interface
      type: STATIC
      connect_timeout: 1s
      load_assignment:
        cluster_name: admin_interface
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address:
                    {{- include "eventplatform.envoy_admin" $mesh | nindent 20 }}
    {{- if $mesh.public_port }}
    - name: {{ include "eventplatform.envoy_local" .Root }}
      type: STATIC
      connect_timeout: 1s
      {{- include "eventplatform.envoy_protocol" (dict "idle" ($mesh.idle_timeout | default "4.5s")) | nindent 6 }}
      {{- include "eventplatform.envoy_endpoints" (dict "Name" (include "eventplatform.envoy_local" .Root) "Upstreams" (list (dict "address" "127.0.0.1" "port" ($mesh.upstream_local_port | default .App.meshPort)))) | nindent 6 }}
    {{- end }}
    {{- with $mesh.tracing }}
    {{- if .enabled }}
    - name: otel_collector
      type: STRICT_DNS
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: {http2_protocol_options: {}}
      {{- $collector := dict "address" (.host | default "main-opentelemetry-collector.opentelemetry-collector.svc.cluster.local") "port" (.port | default 4317) }}
      {{- include "eventplatform.envoy_endpoints" (dict "Name" "otel_collector" "Upstreams" (list $collector)) | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- $limited := false }}
    {{- range $name := ($values.discovery | default dict).listeners }}
    {{- $listener := get ($values.services_proxy | default dict) $name }}
    {{- if not $listener }}{{ fail (printf "discovery.listeners names %q, of which services_proxy says nothing" $name) }}{{ end }}
    {{- $limited = or $limited $listener.ratelimit (hasKey ($values.discovery.ratelimit_listeners | default dict) $name) }}
    {{- include "eventplatform.envoy_cluster" (dict "Name" $name "Upstream" $listener.upstream) | nindent 4 }}
    {{- with $listener.split }}
    {{- include "eventplatform.envoy_cluster" (dict "Name" (printf "%s-split" $name) "Upstream" .) | nindent 4 }}
    {{- end }}
    {{- end }}
    {{- if $limited }}
    {{- $service := $mesh.ratelimit | default dict }}
    {{- include "eventplatform.envoy_cluster" (dict "Name" "ratelimit" "HTTP2" true "Upstream" (dict "address" ($service.host | default "ratelimit-main.ratelimit.svc.cluster.local.") "port" ($service.port | default 8081) "encryption" true)) | nindent 4 }}
    {{- end }}
    {{- range $name := ($values.tcp_proxy | default dict).listeners }}
    {{- $listener := get ($values.tcp_services_proxy | default dict) $name }}
    {{- if not $listener }}{{ fail (printf "tcp_proxy.listeners names %q, of which tcp_services_proxy says nothing" $name) }}{{ end }}
    - name: {{ $name }}
      type: STRICT_DNS
      dns_lookup_family: V4_ONLY
      connect_timeout: {{ $listener.connect_timeout | default "30s" }}
      {{- with $listener.health_checks }}
      health_checks:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- include "eventplatform.envoy_endpoints" (dict "Name" $name "Upstreams" $listener.upstreams) | nindent 6 }}
    {{- end }}
  listeners:
    - name: admin_interface
      {{- include "eventplatform.envoy_address" ($mesh.telemetry.port | default 1667) | nindent 6 }}
      ignore_global_conn_limit: true
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                stat_prefix: admin_interface
                {{- include "eventplatform.envoy_http" (dict) | nindent 16 }}
                route_config:
                  virtual_hosts:
                    - name: admin_interface
                      domains: ["*"]
                      routes:
                        - match: {prefix: /stats}
                          route: {cluster: admin_interface, timeout: 5s}
                        - match: {prefix: /healthz}
                          direct_response: {status: 200, body: {inline_string: OK}}
                        - match: {prefix: /}
                          direct_response: {status: 403, body: {inline_string: "Only /stats and /healthz are answered here."}}
    {{- if $mesh.public_port }}
    {{- include "eventplatform.envoy_inbound" .Root | nindent 4 }}
    {{- end }}
    {{- range $name := ($values.discovery | default dict).listeners }}
    {{- include "eventplatform.envoy_outbound" (dict "Name" $name "Listener" (get $values.services_proxy $name) "Mesh" $mesh "Own" (get ($values.discovery.ratelimit_listeners | default dict) $name)) | nindent 4 }}
    {{- end }}
    {{- range $name := ($values.tcp_proxy | default dict).listeners }}
    - name: {{ $name }}
      {{- include "eventplatform.envoy_address" (get $values.tcp_services_proxy $name).port | nindent 6 }}
      filter_chains:
        - filters:
            - name: envoy.filters.network.tcp_proxy
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: {{ $name }}
                cluster: {{ $name }}
    {{- end }}
{{- end }}

{{- define "eventplatform.envoy_local" -}}
LOCAL_{{ (.Values.mesh.tracing | default dict).service_name | default .Release.Namespace }}
{{- end }}

{{- define "eventplatform.envoy_admin" -}}
{{- $admin := .admin | default dict -}}
{{- if $admin.bind_tcp -}}
socket_address: {address: 127.0.0.1, port_value: {{ $admin.port | default 1666 }}}
{{- else -}}
pipe: {path: /var/run/envoy/admin.sock}
{{- end }}
{{- end }}

{{/* Both families of addresses on a port. */}}
{{- define "eventplatform.envoy_address" -}}
address:
  socket_address: {address: "::", port_value: {{ . }}, ipv4_compat: true}
{{- end }}

{{- define "eventplatform.envoy_endpoints" -}}
load_assignment:
  cluster_name: {{ .Name }}
  endpoints:
    - lb_endpoints:
        {{- range .Upstreams }}
        - endpoint:
            address:
              socket_address: {address: {{ .address }}, port_value: {{ .port }}}
        {{- end }}
{{- end }}

{{/* idle: how long an unused connection is kept; requests: after how many one is closed. */}}
{{- define "eventplatform.envoy_protocol" -}}
typed_extension_protocol_options:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    common_http_protocol_options:
      idle_timeout: {{ .idle }}
      {{- with .requests }}
      max_requests_per_connection: {{ . }}
      {{- end }}
    use_downstream_protocol_config: {}
{{- end }}
