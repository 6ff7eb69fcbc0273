{{/*
Names and labels. Objects are called <chart>-<release>[-<part>]; chartName takes the place of the chart's name.
Most templates of this library take a dict: Root, the chart's root context, and App, what the chart says of its program (see _deployment.tpl).
*/}}

{{- define "eventplatform.chart" -}}
{{- .Values.chartName | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "eventplatform.name" -}}
{{- printf "%s-%s" (.Values.chartName | default .Chart.Name) .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "eventplatform.labels" -}}
app: {{ include "eventplatform.chart" . }}
chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
release: {{ .Release.Name }}
heritage: {{ .Release.Service }}
{{- end }}

{{/* Root, and Part: what the object's name ends with. */}}
{{- define "eventplatform.metadata" -}}
name: {{ include "eventplatform.name" .Root }}{{ with .Part }}-{{ . }}{{ end }}
labels:
  {{- include "eventplatform.labels" .Root | nindent 2 }}
{{- end }}

{{/* A Deployment's selector cannot be changed later: these two labels are those of the charts before. */}}
{{- define "eventplatform.selector" -}}
app: {{ include "eventplatform.chart" . }}
release: {{ .Release.Name }}
{{- end }}

{{/* A Service selects the pods of every release that has its value: a canary names its production's. service.routing_tag is an older name of it. */}}
{{- define "eventplatform.routed_via" -}}
{{- .Values.routed_via | default .Values.service.routing_tag | default .Release.Name -}}
{{- end }}

{{- define "eventplatform.service_selector" -}}
app: {{ include "eventplatform.chart" . }}
routed_via: {{ include "eventplatform.routed_via" . }}
{{- end }}

{{- define "eventplatform.mesh_fqdn" -}}
{{ include "eventplatform.name" . }}-tls-service.{{ .Release.Namespace }}.svc.cluster.local
{{- end }}
