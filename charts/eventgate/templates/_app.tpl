{{/* What the library needs to know of the intake (see eventplatform.deployment). */}}
{{- define "eventgate.app" -}}
{{- $app := .Values.main_app -}}
container: {{ $app.name }}
identifier: {{ $app.name }}
image: {{ printf "%s:%s" $app.image (toString ($app.version | default .Chart.AppVersion)) | quote }}
command: [eventplatform]
args: [eventgate, -c, /etc/eventgate/config.yaml]
port: {{ int .Values.app.port }}
meshPort: {{ int .Values.app.port }}
metricsPort: 9102
requests: {{ toJson $app.requests }}
limits: {{ toJson $app.limits }}
prestop: {{ int $app.prestop_sleep }}
drain: {{ int $app.drain_seconds }}
debug: {{ .Values.debug_mode_enabled | default false }}
env: {{ include "eventplatform.variables" $app.env }}
volumes: {{ toJson $app.volumes }}
volumeMounts: {{ toJson $app.volumeMounts }}
folder: /etc/eventgate
files:
  config.yaml: {{ include "eventgate.config" . | toJson }}
  {{- if include "eventgate.has_streams" . }}
  stream-config.yaml: {{ include "eventgate.streams" . | toJson }}
  {{- end }}
{{- end }}

{{/* The service-runner file. What main_app.conf says wins over what the chart says. */}}
{{- define "eventgate.config" -}}
{{- $app := .Values.main_app -}}
{{- $conf := deepCopy $app.conf -}}
{{- if and $conf.port (ne (int $conf.port) (int .Values.app.port)) -}}
{{- fail (printf "main_app.conf.port is %d and app.port %d: set app.port only" (int $conf.port) (int .Values.app.port)) -}}
{{- end -}}
{{- $own := dict
  "port" (int .Values.app.port)
  "cors" false
  "user_agent" (include "eventplatform.name" .)
  "eventgate_factory_module" "/srv/service/eventgate-wikimedia.js"
  "error_stream" (printf "%s.error.validation" $app.name)
  "test_events" (list (dict "$schema" "/test/event/1.0.0" "meta" (dict "stream" (printf "%s.test.event" $app.name)))) -}}
{{- if include "eventgate.has_streams" . }}{{ $_ := set $own "stream_config_uri" "/etc/eventgate/stream-config.yaml" }}{{ end -}}
{{- if eq (toString $conf.cors) "" }}{{ $_ := unset $conf "cors" }}{{ end -}}
{{- include "eventplatform.service_runner" (dict
  "Name" $app.name "Module" $app.module "Workers" $app.num_workers "HeapLimit" $app.worker_heap_limit_mb "LogLevel" $app.log_level "MetricsPort" 9102
  "Extra" $app.extra_service_runner_conf "Settings" (mergeOverwrite $own $conf)) -}}
{{- end }}

{{/* Streams come from a file of the chart's if main_app.stream_config has any, or if nothing else is said of where they come from. */}}
{{- define "eventgate.has_streams" -}}
{{- if or .Values.main_app.stream_config (not .Values.main_app.conf.stream_config_uri) -}}yes{{- end -}}
{{- end }}

{{/* The streams of the file, and two that every intake needs: for the events it refuses, and for tests. */}}
{{- define "eventgate.streams" -}}
{{- $app := .Values.main_app -}}
{{- $own := dict
  (printf "/^%s\\.error(\\..+)?/" $app.name) (dict "schema_title" "error")
  (printf "%s.test.event" $app.name) (dict "schema_title" "test/event") -}}
{{- mergeOverwrite $own (deepCopy ($app.stream_config | default dict)) | toYaml -}}
{{- end }}
