{{/* The configuration files of a program, in one ConfigMap. */}}
{{- define "eventplatform.configmap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "eventplatform.metadata" (dict "Root" .Root "Part" "config") | nindent 2 }}
data:
  {{- range $name, $text := .App.files }}
  {{ $name }}: |-
    {{- trim $text | nindent 4 }}
  {{- end }}
  {{- with .Root.Values.puppet_ca_crt }}
  puppetca.crt.pem: |-
    {{- trim . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* A service-runner file: Settings (the conf of its one service), Extra (top-level keys), and what is common to all. */}}
{{- define "eventplatform.service_runner" -}}
{{- $service := dict "name" .Name "conf" .Settings -}}
{{- with .Module }}{{ $_ := set $service "module" . }}{{ end -}}
{{- $file := dict
  "service_name" .Name
  "logging" (dict "level" (.LogLevel | default "info") "streams" (list (dict "type" "stdout" "named_levels" true)))
  "metrics" (list (dict "type" "prometheus" "port" .MetricsPort))
  "services" (list $service) -}}
{{- /* Of Node.js: the program says at its start that they have no meaning for it. */ -}}
{{- with .Workers }}{{ $_ := set $file "num_workers" . }}{{ end -}}
{{- with .HeapLimit }}{{ $_ := set $file "worker_heap_limit_mb" (int .) }}{{ end -}}
{{- mergeOverwrite $file (deepCopy (.Extra | default dict)) | toYaml -}}
{{- end }}

{{- define "eventplatform.pod_disruption_budget" -}}
{{- if .Values.pod_disruption_budget.enabled -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "eventplatform.metadata" (dict "Root" .) | nindent 2 }}
spec:
  maxUnavailable: {{ .Values.pod_disruption_budget.max_unavailable }}
  selector:
    matchLabels:
      {{- include "eventplatform.selector" . | nindent 6 }}
{{- end }}
{{- end }}

{{- define "eventplatform.autoscaler" -}}
{{- with .Values.autoscaling -}}
{{- if .enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "eventplatform.metadata" (dict "Root" $) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "eventplatform.name" $ }}
  minReplicas: {{ .min_replicas | default $.Values.resources.replicas | int }}
  maxReplicas: {{ int .max_replicas }}
  metrics:
    - type: Pods
      pods:
        metric:
          name: {{ .metric }}
        target:
          type: AverageValue
          averageValue: {{ .target_per_pod | toString | quote }}
  behavior:
    # Fewer pods means streams that reconnect and batches that shrink: only what has lasted is followed down, a tenth at a time.
    scaleDown:
      stabilizationWindowSeconds: 900
      policies:
        - type: Percent
          value: 10
          periodSeconds: 60
{{- end }}
{{- end }}
{{- end }}
