{{/*
When a pod is told to end, Kubernetes waits for preStop, then sends SIGTERM, and kills it after terminationGracePeriodSeconds, counted from the first.
preStop lasts until no client sends anything more here; the drain is what the program has after it, for open requests, streams and unsent events.
A given terminationGracePeriodSeconds is kept and the drain is what it leaves; without one it is made large enough.
*/}}
{{- define "eventplatform.timing" -}}
{{- $values := .Root.Values -}}
{{- $preStop := int (.App.prestop | default 0) -}}
{{- $drain := int (.App.drain | default 10) -}}
{{- $mesh := 0 -}}
{{- if $values.mesh.enabled -}}
{{- $mesh = int ($values.mesh.prestop_sleep | default (add $preStop $drain)) -}}
{{- end -}}
{{- $grace := int ($values.terminationGracePeriodSeconds | default (add1 (max (add $preStop $drain) $mesh))) -}}
{{- if le $grace $preStop -}}
{{- fail (printf "terminationGracePeriodSeconds is %d and the program's prestop_sleep %d: the program would be killed before it is told to end" $grace $preStop) -}}
{{- end -}}
{{- if $values.terminationGracePeriodSeconds -}}
{{- $drain = sub (sub $grace $preStop) 1 -}}
{{- end -}}
preStop: {{ $preStop }}
mesh: {{ $mesh }}
grace: {{ $grace }}
drain: {{ max $drain 1 }}s
{{- end }}

{{/* Root and Seconds. Kubernetes sleeps by itself from 1.30 on; before, the image must have a shell (the -debug variant of ours has one). */}}
{{- define "eventplatform.prestop" -}}
{{- if gt (int .Seconds) 0 -}}
lifecycle:
  preStop:
    {{- if semverCompare ">=1.30.0-0" .Root.Capabilities.KubeVersion.Version }}
    sleep:
      seconds: {{ .Seconds }}
    {{- else }}
    exec:
      command: [/bin/sh, -c, "sleep {{ .Seconds }}"]
    {{- end }}
{{- end }}
{{- end }}

{{/* The soft limit of Go's memory: 85 % of a quantity such as 300Mi, in whole MiB. The rest is for stacks of threads, the page cache and bursts. */}}
{{- define "eventplatform.memory_limit" -}}
{{- $text := . | toString -}}
{{- if not (kindIs "string" .) }}{{ $text = int64 . | toString }}{{ end -}}
{{- $number := regexFind "^[0-9]+(\\.[0-9]+)?" $text -}}
{{- $units := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := trimPrefix $number $text -}}
{{- if or (not $number) (not (hasKey $units $unit)) -}}
{{- fail (printf "limits.memory is %q: it must be a quantity such as 300Mi or 1Gi" $text) -}}
{{- end -}}
{{- divf (mulf (float64 $number) (float64 (get $units $unit)) 0.85) 1048576 | floor | int64 }}MiB
{{- end }}
