{{/* The sidecar (Envoy) that ends TLS for the program and leads to other services, its files and its certificate. _envoy.tpl has its configuration. */}}

{{- define "eventplatform.mesh_container" -}}
{{- $mesh := .Root.Values.mesh -}}
- name: {{ include "eventplatform.name" .Root }}-tls-proxy
  image: {{ .Root.Values.docker.registry }}/{{ $mesh.image_name | default "envoy" }}:{{ $mesh.image_version | default "latest" }}
  imagePullPolicy: {{ .Root.Values.docker.pull_policy }}
  env:
    - name: SERVICE_NAME
      value: {{ .Root.Release.Name | quote }}
    - name: SERVICE_ZONE
      value: default
    {{- with $mesh.concurrency }}
    - name: CONCURRENCY
      value: {{ toString . | quote }}
    {{- end }}
    {{- with $mesh.admin }}
    - name: ADMIN_PORT
      value: {{ .port | default 1666 | toString | quote }}
    - name: DRAIN_TIME_S
      value: {{ .drain_time_s | default 600 | toString | quote }}
    - name: DRAIN_STRATEGY
      value: {{ .drain_strategy | default "gradual" }}
    {{- end }}
    {{- range $name, $value := $mesh.extra_env }}
    - name: {{ $name }}
      value: {{ include "eventplatform.text" $value | quote }}
    {{- end }}
  {{- with $mesh.public_port }}
  ports:
    - containerPort: {{ . }}
  {{- end }}
  readinessProbe:
    httpGet:
      path: /healthz
      port: {{ $mesh.telemetry.port | default 1667 }}
  {{- if $mesh.drain }}
  lifecycle:
    preStop:
      exec:
        command: [/bin/bash, -c, /bin/drain-envoy.sh]
  {{- else }}
  {{- with include "eventplatform.prestop" (dict "Root" .Root "Seconds" .Timing.mesh) }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  resources:
    {{- toYaml $mesh.resources | nindent 4 }}
  securityContext:
    {{- include "eventplatform.restricted" . | nindent 4 }}
  volumeMounts:
    - name: envoy-config-volume
      mountPath: /etc/envoy/
      readOnly: true
    {{- if $mesh.public_port }}
    - name: tls-certs-volume
      mountPath: /etc/envoy/ssl
      readOnly: true
    {{- end }}
{{- end }}

{{- define "eventplatform.mesh_volumes" -}}
- name: envoy-config-volume
  configMap:
    name: {{ include "eventplatform.name" . }}-envoy-config-volume
{{- if .Values.mesh.public_port }}
- name: tls-certs-volume
  secret:
    secretName: {{ include "eventplatform.name" . }}-tls-proxy-certs
{{- end }}
{{- end }}

{{- define "eventplatform.mesh_configmap" -}}
{{- if .Root.Values.mesh.enabled }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "eventplatform.metadata" (dict "Root" .Root "Part" "envoy-config-volume") | nindent 2 }}
data:
  {{- include "eventplatform.mesh_files" . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "eventplatform.mesh_files" -}}
envoy.yaml: |-
  {{- include "eventplatform.envoy" . | nindent 2 }}
{{- if .Root.Values.mesh.public_port }}
# Envoy watches this file, and so takes a renewed certificate without a restart.
tls_certificate_sds_secret.yaml: |-
  resources:
    - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
      name: tls_sds
      tls_certificate:
        certificate_chain: {filename: /etc/envoy/ssl/tls.crt}
        private_key: {filename: /etc/envoy/ssl/tls.key}
{{- end }}
{{- with .Root.Values.mesh.error_page }}
error_page.html: |-
  {{- trim . | nindent 2 }}
{{- end }}
{{- end }}

{{/* cert-manager makes the certificate and keeps it in a Secret. */}}
{{- define "eventplatform.certificate" -}}
{{- if and .Values.mesh.enabled .Values.mesh.public_port -}}
{{- $made := .Values.mesh.certmanager | default dict -}}
{{- $name := printf "%s-tls-proxy-certs" (include "eventplatform.name" .) -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "eventplatform.metadata" (dict "Root" . "Part" "tls-proxy-certs") | nindent 2 }}
spec:
  # A common name of more than 64 characters is no certificate's; the names below are what counts.
  commonName: {{ trunc 64 $name }}
  secretName: {{ $name }}
  dnsNames:
    {{- if not $made.disableDefaultHosts }}
    {{- range $made.domains }}
    - {{ $made.default_host | default $.Release.Namespace }}.{{ . }}
    {{- end }}
    {{- end }}
    - {{ include "eventplatform.mesh_fqdn" . }}
    {{- range $made.extraFQDNs }}
    - {{ . | quote }}
    {{- end }}
  revisionHistoryLimit: 2
  issuerRef:
    {{- $made.issuer | default (dict "name" "discovery" "group" "cfssl-issuer.wikimedia.org" "kind" "ClusterIssuer") | toYaml | nindent 4 }}
{{- end }}
{{- end }}
