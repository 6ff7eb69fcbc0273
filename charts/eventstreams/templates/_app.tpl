{{/* What the library needs to know of the streamer (see eventplatform.deployment). */}}
{{- define "eventstreams.app" -}}
{{- $app := .Values.app -}}
container: {{ include "eventplatform.name" . }}
identifier: {{ .Values.config.name }}
image: {{ printf "%s/%s:%s" .Values.docker.registry $app.image (toString ($app.version | default .Chart.AppVersion)) | quote }}
command: {{ toJson $app.command }}
args: {{ toJson $app.args }}
port: {{ int .Values.config.port }}
meshPort: {{ int $app.port }}
metricsPort: {{ int $app.metricsPort }}
requests: {{ toJson $app.requests }}
limits: {{ toJson $app.limits }}
prestop: {{ int $app.prestop_sleep }}
drain: {{ int $app.drain_seconds }}
debug: {{ or .Values.debug.enabled .Values.debug_mode_enabled | default false }}
liveness: {{ toJson $app.liveness_probe }}
readiness: {{ toJson $app.readiness_probe }}
env: {{ include "eventstreams.environment" . }}
envFrom: {{ toJson $app.env_from }}
secrets: {{ toJson .Values.config.private }}
volumes: {{ concat ($app.volumes | default list) (include "eventstreams.proxy_volumes" . | fromYamlArray) | toJson }}
volumeMounts: {{ toJson $app.volumeMounts }}
sidecars: {{ include "eventstreams.proxy_containers" . | fromYamlArray | toJson }}
folder: /etc/eventstreams
{{- if .Values.auth_proxy.enabled }}
morePorts: [{{ int .Values.auth_proxy.httpd_cas.port }}]
{{- end }}
files:
  config.yaml: {{ include "eventstreams.config" . | toJson }}
{{- end }}

{{/* The service-runner file. What config.conf says, or config.public.conf, wins over what the chart says. */}}
{{- define "eventstreams.config" -}}
{{- $config := .Values.config -}}
{{- $conf := mergeOverwrite (deepCopy $config.conf) (($config.public | default dict).conf | default dict) -}}
{{- if and $conf.port (ne (int $conf.port) (int $config.port)) -}}
{{- fail (printf "config.conf.port is %d and config.port %d: set config.port only" (int $conf.port) (int $config.port)) -}}
{{- end -}}
{{- $own := dict "port" (int $config.port) "cors" "*" "user_agent" (include "eventplatform.name" .) -}}
{{- include "eventplatform.service_runner" (dict
  "Name" $config.name "Workers" $config.num_workers "HeapLimit" $config.worker_heap_limit_mb "LogLevel" $config.log_level "MetricsPort" (int .Values.app.metricsPort)
  "Extra" $config.extra_service_runner_conf "Settings" (mergeOverwrite $own $conf)) -}}
{{- end }}

{{/* config.public as it is, config.private from the Secret; names in capitals. */}}
{{- define "eventstreams.environment" -}}
{{- $env := list -}}
{{- range $name, $value := omit (.Values.config.public | default dict) "conf" -}}
{{- $env = append $env (dict "name" (upper $name) "value" (include "eventplatform.text" $value)) -}}
{{- end -}}
{{- range $name, $_ := .Values.config.private -}}
{{- $key := dict "name" (printf "%s-secret-config" (include "eventplatform.name" $)) "key" $name -}}
{{- $env = append $env (dict "name" (upper $name) "valueFrom" (dict "secretKeyRef" $key)) -}}
{{- end -}}
{{- toJson $env -}}
{{- end }}
