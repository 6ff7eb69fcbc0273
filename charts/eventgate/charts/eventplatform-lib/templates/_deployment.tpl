{{/*
The Deployment of a program. App is what a chart says of it:
  container, identifier    the container's name, and SERVICE_IDENTIFIER
  image, command, args
  port, metricsPort        where it listens; health, metrics and, in debug mode, profiles are on the second
  requests, limits
  prestop, drain           seconds, see _timing.tpl
  debug                    whether profiles are served
  liveness, readiness      probes in the place of ours
  env, envFrom, volumes, volumeMounts   what comes besides
  folder, files            the configuration: where it is mounted, and its files by name
  secrets, sidecars        what a change of restarts the pods too; more containers
*/}}
{{- define "eventplatform.deployment" -}}
{{- $root := .Root -}}
{{- $values := .Root.Values -}}
{{- $timing := include "eventplatform.timing" . | fromYaml -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "eventplatform.metadata" (dict "Root" $root) | nindent 2 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ int $values.resources.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "eventplatform.selector" $root | nindent 6 }}
  strategy:
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 0
  template:
    metadata:
      labels:
        {{- include "eventplatform.selector" $root | nindent 8 }}
        routed_via: {{ include "eventplatform.routed_via" $root }}
      annotations:
        {{- include "eventplatform.pod_annotations" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $timing.grace }}
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      {{- with include "eventplatform.placement" $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      containers:
        {{- include "eventplatform.container" (set . "Timing" $timing) | nindent 8 }}
        {{- if $values.mesh.enabled }}
        {{- include "eventplatform.mesh_container" (set . "Timing" $timing) | nindent 8 }}
        {{- end }}
        {{- with .App.sidecars }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      volumes:
        - name: {{ .App.identifier }}-config-volume
          configMap:
            name: {{ include "eventplatform.name" $root }}-config
        {{- if $values.mesh.enabled }}
        {{- include "eventplatform.mesh_volumes" $root | nindent 8 }}
        {{- end }}
        {{- with .App.volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}

{{- define "eventplatform.pod_annotations" -}}
checksum/config: {{ toYaml .App.files | sha256sum }}
{{- with .App.secrets }}
checksum/secrets: {{ toYaml . | sha256sum }}
{{- end }}
{{- with .Root.Values.roll_restart }}
eventplatform/roll-restart: {{ toString . | quote }}
{{- end }}
{{- if .Root.Values.monitoring.enabled }}
{{- if .Root.Values.monitoring.named_ports }}
prometheus.io/scrape_by_name: "true"
{{- else }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ .App.metricsPort | toString | quote }}
{{- end }}
{{- end }}
{{- if .Root.Values.mesh.enabled }}
checksum/tls-config: {{ include "eventplatform.mesh_files" . | sha256sum }}
envoyproxy.io/scrape: {{ .Root.Values.mesh.telemetry.enabled | default false | toString | quote }}
{{- if .Root.Values.mesh.telemetry.enabled }}
envoyproxy.io/port: {{ .Root.Values.mesh.telemetry.port | toString | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Pods of one release are spread over zones and machines as far as that can be had. affinity holds keys of the pod, or an affinity itself. */}}
{{- define "eventplatform.placement" -}}
{{- $affinity := .Values.affinity | default dict -}}
{{- $itself := pick $affinity "nodeAffinity" "podAffinity" "podAntiAffinity" -}}
{{- $keys := omit $affinity "nodeAffinity" "podAffinity" "podAntiAffinity" -}}
{{- if $itself }}
affinity:
  {{- toYaml $itself | nindent 2 }}
{{- end }}
{{- if $keys }}
{{ toYaml $keys }}
{{- end }}
{{- if not (hasKey $affinity "topologySpreadConstraints") }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "eventplatform.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "eventplatform.container" -}}
- name: {{ .App.container }}
  image: {{ .App.image | quote }}
  imagePullPolicy: {{ .Root.Values.docker.pull_policy }}
  command:
    {{- toYaml .App.command | nindent 4 }}
  args:
    {{- toYaml .App.args | nindent 4 }}
  ports:
    - containerPort: {{ .App.port }}
    - name: app-metrics
      containerPort: {{ .App.metricsPort }}
  # Alive is who answers at all. Ready is who can answer: neither asks Kafka or another service, so that one that is slow takes no pod out.
  livenessProbe:
    {{- .App.liveness | default (dict "httpGet" (dict "path" "/healthz" "port" .App.metricsPort) "periodSeconds" 10 "timeoutSeconds" 5 "failureThreshold" 6) | toYaml | nindent 4 }}
  startupProbe:
    httpGet:
      path: /healthz
      port: {{ .App.metricsPort }}
    periodSeconds: 2
    timeoutSeconds: 5
    failureThreshold: 60
  readinessProbe:
    {{- .App.readiness | default (dict "httpGet" (dict "path" "/readyz" "port" .App.metricsPort) "periodSeconds" 5 "timeoutSeconds" 5) | toYaml | nindent 4 }}
  {{- with include "eventplatform.prestop" (dict "Root" .Root "Seconds" .Timing.preStop) }}
  {{- . | nindent 2 }}
  {{- end }}
  env:
    - name: SERVICE_IDENTIFIER
      value: {{ .App.identifier | quote }}
    - name: EVENTPLATFORM_GRACE
      value: {{ .Timing.drain | quote }}
    {{- if .App.debug }}
    - name: EVENTPLATFORM_DEBUG
      value: "true"
    {{- end }}
    {{- with (.App.limits | default dict).memory }}
    - name: GOMEMLIMIT
      value: {{ include "eventplatform.memory_limit" . }}
    {{- end }}
    {{- if .Root.Values.puppet_ca_crt }}
    - name: SSL_CERT_DIR
      value: /etc/ssl/certs:{{ .App.folder }}
    {{- end }}
    {{- with .App.env }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .App.envFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  resources:
    {{- toYaml (dict "requests" .App.requests "limits" .App.limits) | nindent 4 }}
  securityContext:
    {{- include "eventplatform.restricted" . | nindent 4 }}
    readOnlyRootFilesystem: true
    runAsUser: 65532
    runAsGroup: 65532
  volumeMounts:
    - name: {{ .App.identifier }}-config-volume
      mountPath: {{ .App.folder }}
      readOnly: true
    {{- with .App.volumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* What the Pod security standard "restricted" asks of each container. */}}
{{- define "eventplatform.restricted" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* An object of names and values as a container's environment. */}}
{{- define "eventplatform.variables" -}}
{{- $env := list -}}
{{- range $name, $value := . -}}
{{- $env = append $env (dict "name" $name "value" (include "eventplatform.text" $value)) -}}
{{- end -}}
{{- toJson $env -}}
{{- end }}

{{/* A value as text. Values that are numbers come as floating-point ones, and a million would be written 1e+06. */}}
{{- define "eventplatform.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end }}
