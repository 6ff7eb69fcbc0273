{{/* What the library needs to know of the stream configuration service (see eventplatform.deployment). */}}
{{- define "streamconfig.app" -}}
{{- $app := .Values.main_app -}}
{{- $folder := dict "name" "streams" "configMap" (dict "name" (printf "%s-streams" (include "eventplatform.name" .))) -}}
container: {{ $app.name }}
identifier: {{ $app.name }}
image: {{ printf "%s:%s" $app.image (toString ($app.version | default .Chart.AppVersion)) | quote }}
command: [eventplatform]
args: [streamconfig, -c, /etc/streamconfig/config.yaml]
port: {{ int .Values.app.port }}
meshPort: {{ int .Values.app.port }}
metricsPort: 9102
requests: {{ toJson $app.requests }}
limits: {{ toJson $app.limits }}
prestop: {{ int $app.prestop_sleep }}
drain: {{ int $app.drain_seconds }}
debug: {{ .Values.debug_mode_enabled | default false }}
env: {{ include "eventplatform.variables" $app.env }}
volumes: {{ append ($app.volumes | default list) $folder | toJson }}
volumeMounts: {{ append ($app.volumeMounts | default list) (dict "name" "streams" "mountPath" "/etc/streamconfig-streams" "readOnly" true) | toJson }}
folder: /etc/streamconfig
files:
  config.yaml: {{ include "streamconfig.config" . | toJson }}
{{- end }}

{{/* The service-runner file. What main_app.conf says wins over what the chart says. */}}
{{- define "streamconfig.config" -}}
{{- $app := .Values.main_app -}}
{{- if and $app.conf.port (ne (int $app.conf.port) (int .Values.app.port)) -}}
{{- fail (printf "main_app.conf.port is %d and app.port %d: set app.port only" (int $app.conf.port) (int .Values.app.port)) -}}
{{- end -}}
{{- $own := dict "port" (int .Values.app.port) "user_agent" (include "eventplatform.name" .) "streams" (list "/etc/streamconfig-streams") -}}
{{- include "eventplatform.service_runner" (dict
  "Name" $app.name "LogLevel" $app.log_level "MetricsPort" 9102
  "Extra" $app.extra_service_runner_conf "Settings" (mergeOverwrite $own (deepCopy $app.conf))) -}}
{{- end }}
