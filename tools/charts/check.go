package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

// kinds are the objects that charts may have, with the types of this Kubernetes version's API. Decoding into one is strict: a field it does not
// have, or one of another type, is a problem.
var kinds = map[string]func() any{
	"v1 ConfigMap":                                func() any { return &corev1.ConfigMap{} },
	"v1 Secret":                                   func() any { return &corev1.Secret{} },
	"v1 Service":                                  func() any { return &corev1.Service{} },
	"apps/v1 Deployment":                          func() any { return &appsv1.Deployment{} },
	"policy/v1 PodDisruptionBudget":               func() any { return &policyv1.PodDisruptionBudget{} },
	"autoscaling/v2 HorizontalPodAutoscaler":      func() any { return &autoscalingv2.HorizontalPodAutoscaler{} },
	"networking.k8s.io/v1 NetworkPolicy":          func() any { return &networkingv1.NetworkPolicy{} },
	"crd.projectcalico.org/v1 NetworkPolicy":      func() any { return &calicoPolicy{} },
	"cert-manager.io/v1 Certificate":              func() any { return &certificate{} },
	"networking.istio.io/v1beta1 Gateway":         func() any { return &istio[istioGateway]{} },
	"networking.istio.io/v1beta1 VirtualService":  func() any { return &istio[istioVirtualService]{} },
	"networking.istio.io/v1beta1 DestinationRule": func() any { return &istio[istioDestinationRule]{} },
}

// currentKubernetes is the version whose types are used here: k8s.io/api v0.37.2 is Kubernetes 1.37.2's.
func currentKubernetes() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, d := range build.Deps {
			if minor, ok := strings.CutPrefix(d.Version, "v0."); ok && d.Path == "k8s.io/api" {
				return "1." + minor
			}
		}
	}
	return "1.37.0"
}

// check returns what is wrong with the objects of a release.
func check(objects []json.RawMessage, namespace string) []string {
	c := &checker{seen: map[string]bool{}}
	for _, raw := range objects {
		c.object(raw, namespace)
	}
	c.references()
	return c.problems
}

// A checker looks at the objects of one release.
type checker struct {
	problems    []string
	seen        map[string]bool // "kind name"
	deployments []*appsv1.Deployment
	services    []*corev1.Service
	place       string // the object that is looked at
}

func (c *checker) problem(format string, args ...any) {
	c.problems = append(c.problems, c.place+": "+fmt.Sprintf(format, args...))
}

func (c *checker) list(what string, errs []string) {
	for _, e := range errs {
		c.problem("%s: %s", what, e)
	}
}

func (c *checker) object(raw json.RawMessage, namespace string) {
	var meta metav1.PartialObjectMetadata
	if err := json.Unmarshal(raw, &meta); err != nil {
		c.problem("%v", err)
		return
	}
	kind := meta.APIVersion + " " + meta.Kind
	c.place = meta.Kind + "/" + meta.Name
	if c.seen[kind+meta.Name] {
		c.problem("stands there twice")
	}
	c.seen[kind+meta.Name], c.seen[meta.Kind+" "+meta.Name] = true, true
	c.list("metadata.name", validation.IsDNS1123Subdomain(meta.Name))
	c.labels("metadata.labels", meta.Labels)
	for key := range meta.Annotations {
		c.list("metadata.annotations", validation.IsQualifiedName(strings.ToLower(key)))
	}
	if meta.Namespace != "" && meta.Namespace != namespace {
		c.problem("is in the namespace %s", meta.Namespace)
	}
	create := kinds[kind]
	if create == nil {
		c.problem("%s is no kind that a chart of ours has", kind)
		return
	}
	typed := create()
	if err := yaml.UnmarshalStrict(raw, typed); err != nil {
		c.problem("%v", err)
		return
	}
	switch o := typed.(type) {
	case *appsv1.Deployment:
		c.deployments = append(c.deployments, o)
		c.deployment(o)
	case *corev1.Service:
		c.services = append(c.services, o)
		c.service(o)
	case *corev1.ConfigMap:
		for name := range o.Data {
			c.list("data", validation.IsConfigMapKey(name))
		}
	case *networkingv1.NetworkPolicy:
		c.networkPolicy(o)
	}
}

func (c *checker) labels(where string, labels map[string]string) {
	for _, e := range metavalidation.ValidateLabels(labels, field.NewPath(where)) {
		c.problem("%v", e)
	}
}

// references looks at what one object says of another.
func (c *checker) references() {
	for _, d := range c.deployments {
		c.place = "Deployment/" + d.Name
		for _, v := range d.Spec.Template.Spec.Volumes {
			if v.ConfigMap != nil && !c.seen["ConfigMap "+v.ConfigMap.Name] {
				c.problem("its volume %s is the ConfigMap %s, which is not in the release", v.Name, v.ConfigMap.Name)
			}
		}
	}
	for _, s := range c.services {
		c.place = "Service/" + s.Name
		selected := false
		for _, d := range c.deployments {
			selected = selected || matches(s.Spec.Selector, d.Spec.Template.Labels)
		}
		if !selected {
			c.problem("selects no pod of the release: %v", s.Spec.Selector)
		}
	}
}

func matches(selector, labels map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}
