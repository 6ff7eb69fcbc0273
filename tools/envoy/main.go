// Command envoy checks files of Envoy's configuration, bootstrap files and files of secrets, against the types and the rules of Envoy's API:
//
//	envoy FILE...
//
// A member that is not there, one of another type and a value that breaks a rule of its type are told, and make it fail. It starts no Envoy.
package main

import (
	"errors"
	"fmt"
	"os"

	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/trace/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/file/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ratelimit/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/tls_inspector/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/request_id/uuid/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/resource_monitors/downstream_connections/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"sigs.k8s.io/yaml"
)

func main() {
	failed := false
	for _, file := range os.Args[1:] {
		if err := check(file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func check(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var top map[string]any
	if err := yaml.UnmarshalStrict(text, &top); err != nil {
		return err
	}
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	var message proto.Message = &bootstrap.Bootstrap{}
	if top["resources"] != nil {
		message = &discovery.DiscoveryResponse{}
	}
	if err := protojson.Unmarshal(asJSON, message); err != nil {
		return err
	}
	return rules(message.ProtoReflect())
}

// rules are broken by a message or by what is in it, packed or not.
func rules(m protoreflect.Message) error {
	var broken []error
	if v, ok := m.Interface().(interface{ ValidateAll() error }); ok {
		broken = append(broken, v.ValidateAll())
	}
	if packed, ok := m.Interface().(*anypb.Any); ok {
		inside, err := packed.UnmarshalNew()
		if err != nil {
			return err
		}
		return rules(inside.ProtoReflect())
	}
	m.Range(func(f protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case f.IsMap():
			if f.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, below protoreflect.Value) bool {
					broken = append(broken, rules(below.Message()))
					return true
				})
			}
		case f.Message() == nil:
		case f.IsList():
			for i := range value.List().Len() {
				broken = append(broken, rules(value.List().Get(i).Message()))
			}
		default:
			broken = append(broken, rules(value.Message()))
		}
		return true
	})
	return errors.Join(broken...)
}
