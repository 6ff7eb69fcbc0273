{{/*
How a program is reached: by TLS through the mesh's sidecar, else plainly. A NodePort unless an ingress takes its place.
Port is where the plain Service listens, TargetPort where the program does, NodePort what a node listens on (none: Kubernetes chooses).
*/}}
{{- define "eventplatform.service" -}}
{{- $values := .Root.Values -}}
{{- if ne $values.service.deployment "none" -}}
{{- if $values.mesh.enabled -}}
{{- if $values.mesh.public_port -}}
{{- include "eventplatform.tls_service" .Root }}
{{- end }}
{{- else }}
apiVersion: v1
kind: Service
metadata:
  {{- include "eventplatform.metadata" (dict "Root" .Root "Part" "http-service") | nindent 2 }}
spec:
  type: {{ include "eventplatform.service_type" .Root }}
  selector:
    {{- include "eventplatform.service_selector" .Root | nindent 4 }}
  ports:
    - name: {{ .Name | default "http" }}
      protocol: TCP
      port: {{ .Port | default .App.port }}
      targetPort: {{ .TargetPort | default .App.port }}
      {{- if and .NodePort (eq (include "eventplatform.service_type" .Root) "NodePort") }}
      nodePort: {{ .NodePort }}
      {{- end }}
    {{- with .Metrics }}
    - name: metrics
      protocol: TCP
      port: {{ .port }}
      targetPort: {{ .targetPort }}
      {{- with .nodePort }}
      nodePort: {{ . }}
      {{- end }}
    {{- end }}
{{- end }}
{{- if .App.debug }}
---
# Profiles: kubectl port-forward service/{{ include "eventplatform.name" .Root }}-debug-service {{ .App.metricsPort }}
apiVersion: v1
kind: Service
metadata:
  {{- include "eventplatform.metadata" (dict "Root" .Root "Part" "debug-service") | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "eventplatform.selector" .Root | nindent 4 }}
  ports:
    - name: debug
      protocol: TCP
      port: {{ .App.metricsPort }}
{{- end }}
{{- end }}
{{- end }}

{{- define "eventplatform.tls_service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "eventplatform.metadata" (dict "Root" . "Part" "tls-service") | nindent 2 }}
spec:
  type: {{ include "eventplatform.service_type" . }}
  selector:
    {{- include "eventplatform.service_selector" . | nindent 4 }}
  ports:
    - name: https
      protocol: TCP
      port: {{ .Values.mesh.public_port }}
      {{- if eq (include "eventplatform.service_type" .) "NodePort" }}
      nodePort: {{ .Values.mesh.public_port }}
      {{- end }}
{{- end }}

{{- define "eventplatform.service_type" -}}
{{- $ingress := .Values.ingress | default dict -}}
{{- if or (and $ingress.enabled (not $ingress.keepNodePort)) (eq (toString .Values.service.nodePort) "false") -}}ClusterIP{{- else -}}NodePort{{- end -}}
{{- end }}
