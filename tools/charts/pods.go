package main

import (
	"net/netip"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	security "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func (c *checker) deployment(d *appsv1.Deployment) {
	template := d.Spec.Template
	c.labels("spec.template.metadata.labels", template.Labels)
	if d.Spec.Selector == nil || len(d.Spec.Selector.MatchLabels) == 0 || !matches(d.Spec.Selector.MatchLabels, template.Labels) {
		c.problem("its selector is not among its pods' labels")
	}
	pod := template.Spec
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		c.list("volumes", validation.IsDNS1123Label(v.Name))
		if volumes[v.Name] {
			c.problem("has two volumes named %s", v.Name)
		}
		volumes[v.Name] = true
	}
	names := map[string]bool{}
	for i := range pod.Containers {
		container := &pod.Containers[i]
		if names[container.Name] {
			c.problem("has two containers named %s", container.Name)
		}
		names[container.Name] = true
		c.container(container, volumes, pod.TerminationGracePeriodSeconds)
	}
	c.restricted(&template)
}

func (c *checker) container(container *corev1.Container, volumes map[string]bool, grace *int64) {
	c.list("containers", validation.IsDNS1123Label(container.Name))
	if container.Image == "" {
		c.problem("container %s has no image", container.Name)
	}
	for _, p := range container.Ports {
		c.list("ports", validation.IsValidPortNum(int(p.ContainerPort)))
		if p.Name != "" {
			c.list("ports", validation.IsValidPortName(p.Name))
		}
	}
	set := map[string]bool{}
	for _, e := range container.Env {
		c.list("env", validation.IsEnvVarName(e.Name))
		if set[e.Name] {
			c.problem("container %s has %s twice in its environment", container.Name, e.Name)
		}
		set[e.Name] = true
	}
	for _, m := range container.VolumeMounts {
		if !volumes[m.Name] {
			c.problem("container %s mounts %s, which is no volume", container.Name, m.Name)
		}
	}
	for name, limit := range container.Resources.Limits {
		if request, ok := container.Resources.Requests[name]; ok && request.Cmp(limit) > 0 {
			c.problem("container %s requests %s of %s and may have %s", container.Name, request.String(), name, limit.String())
		}
	}
	if l := container.Lifecycle; l != nil && l.PreStop != nil && l.PreStop.Sleep != nil {
		if grace == nil || l.PreStop.Sleep.Seconds > *grace {
			c.problem("container %s sleeps %v before its end, longer than the pod's grace period", container.Name, time.Duration(l.PreStop.Sleep.Seconds)*time.Second)
		}
	}
}

// restricted holds pods to the Pod security standard, with the code that a cluster's admission runs.
func (c *checker) restricted(template *corev1.PodTemplateSpec) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		c.problem("%v", err)
		return
	}
	level := security.LevelVersion{Level: security.LevelRestricted, Version: security.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &template.ObjectMeta, &template.Spec))
	if !result.Allowed {
		c.problem("Pod security restricted: %s", result.ForbiddenDetail())
	}
}

func (c *checker) service(s *corev1.Service) {
	c.list("name", validation.IsDNS1035Label(s.Name))
	if len(s.Spec.Ports) == 0 {
		c.problem("has no ports")
	}
	names := map[string]bool{}
	for _, p := range s.Spec.Ports {
		if len(s.Spec.Ports) > 1 || p.Name != "" {
			c.list("ports", validation.IsDNS1123Label(p.Name))
		}
		if names[p.Name] {
			c.problem("has two ports named %q", p.Name)
		}
		names[p.Name] = true
		c.list("ports", validation.IsValidPortNum(int(p.Port)))
		if p.NodePort != 0 && s.Spec.Type != corev1.ServiceTypeNodePort {
			c.problem("has a nodePort and is a %s", s.Spec.Type)
		}
	}
}

func (c *checker) networkPolicy(p *networkingv1.NetworkPolicy) {
	for _, rule := range p.Spec.Egress {
		for _, to := range rule.To {
			if to.IPBlock == nil {
				continue
			}
			if _, err := netip.ParsePrefix(to.IPBlock.CIDR); err != nil {
				c.problem("egress: %v", err)
			}
		}
	}
}
