{{/* What may reach the pods, and, with networkpolicy.egress.enabled, what they may reach. */}}
{{- define "eventplatform.networkpolicy" -}}
{{- $values := .Root.Values -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "eventplatform.metadata" (dict "Root" .Root) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "eventplatform.selector" .Root | nindent 6 }}
  policyTypes:
    - Ingress
    {{- if $values.networkpolicy.egress.enabled }}
    - Egress
    {{- end }}
  ingress:
    - ports:
        {{- $ports := list .App.port .App.metricsPort }}
        {{- if $values.mesh.enabled }}
        {{- $ports = concat $ports (list $values.mesh.public_port (ternary $values.mesh.telemetry.port nil ($values.mesh.telemetry.enabled | default false))) }}
        {{- end }}
        {{- range concat $ports (.App.morePorts | default list) | compact | uniq }}
        - port: {{ . }}
          protocol: TCP
        {{- end }}
  {{- if $values.networkpolicy.egress.enabled }}
  egress:
    # Names are looked up before anything is reached.
    - ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
    {{- range list "eventplatform.egress_networks" "eventplatform.egress_kafka" "eventplatform.egress_mesh" }}
    {{- with include . $values | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "eventplatform.egress_networks" -}}
{{- with .networkpolicy.egress }}
{{- with .dst_ports }}
- ports:
    {{- include "eventplatform.policy_ports" . | nindent 4 }}
{{- end }}
{{- range .dst_nets }}
- to:
    - ipBlock:
        cidr: {{ .cidr }}
  {{- with .ports }}
  ports:
    {{- include "eventplatform.policy_ports" . | nindent 4 }}
  {{- end }}
{{- end }}
{{- with .extraRules }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "eventplatform.policy_ports" -}}
{{- range . }}
- port: {{ .port }}
  protocol: {{ .protocol | default "TCP" | upper }}
{{- end }}
{{- end }}

{{/* The brokers of the clusters that kafka.allowed_clusters names; their addresses stand in kafka_brokers. */}}
{{- define "eventplatform.egress_kafka" -}}
{{- $brokers := .kafka_brokers | default dict -}}
{{- range (.kafka | default dict).allowed_clusters }}
{{- if not (hasKey $brokers .) }}{{ fail (printf "kafka.allowed_clusters names %q, of which kafka_brokers has no addresses" .) }}{{ end }}
- to:
    {{- range get $brokers . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  ports:
    - port: 9092
      protocol: TCP
    - port: 9093
      protocol: TCP
{{- end }}
{{- end }}

{{/* What the sidecar leads to, and where it sends traces. */}}
{{- define "eventplatform.egress_mesh" -}}
{{- $values := . -}}
{{- if .mesh.enabled }}
{{- range $name := (.discovery | default dict).listeners }}
{{- $listener := get ($values.services_proxy | default dict) $name | default dict }}
{{- range $upstream := compact (list $listener.upstream $listener.split) }}
# {{ $name }}
- ports:
    - port: {{ $upstream.port }}
      protocol: TCP
  {{- with $upstream.ips }}
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
{{- with .mesh.tracing }}
{{- if .enabled }}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .otel_collector_namespace | default "opentelemetry-collector" }}
      podSelector:
        matchLabels:
          {{- .otel_pod_selector | default (dict "component" "agent-collector") | toYaml | nindent 10 }}
  ports:
    - port: {{ .port | default 4317 }}
      protocol: TCP
    - port: {{ .app_port | default 4318 }}
      protocol: TCP
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* One Calico policy for each kind of service outside the cluster. The services are objects of the namespace external-services. */}}
{{- define "eventplatform.external_services" -}}
{{- range $kind, $names := .Values.external_services }}
{{- if $names }}
---
apiVersion: crd.projectcalico.org/v1
kind: NetworkPolicy
metadata:
  {{- include "eventplatform.metadata" (dict "Root" $ "Part" (printf "egress-external-services-%s" $kind)) | nindent 2 }}
  namespace: {{ $.Release.Namespace }}
spec:
  selector: {{ $.Values.external_services_selector | default (printf "app == '%s' && release == '%s'" (include "eventplatform.chart" $) $.Release.Name) | quote }}
  types:
    - Egress
  egress:
    {{- range $names }}
    - action: Allow
      destination:
        services:
          name: {{ $kind }}-{{ . }}
          namespace: external-services
    {{- end }}
{{- end }}
{{- end }}
{{- end }}
