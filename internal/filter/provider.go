package filter

import (
	"maps"
	"slices"

	"cel.dev/cel-go/common/types"
)

// provider tells CEL's checker the types of the events' objects.
type provider struct {
	types.Provider
	objects map[string]*shape // by the names that shape.name gave
}

// celType is the type of a place as CEL's checker knows it.
func (s *shape) celType() *types.Type {
	switch s.kind {
	case boolean:
		return types.BoolType
	case integer:
		return types.IntType
	case number:
		return types.DoubleType
	case text:
		return types.StringType
	case list:
		return types.NewListType(s.elements.celType())
	case object:
		if s.typeName != "" {
			return types.NewObjectType(s.typeName)
		}
		return types.NewMapType(types.StringType, s.others.celType())
	}
	return types.DynType
}

// FindStructType says whether a name is that of an object.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if p.objects[name] != nil {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames lists the declared members of an object.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if s := p.objects[name]; s != nil {
		return slices.Sorted(maps.Keys(s.members)), true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType is the type of a member. Without IsSet and GetFrom it is looked up as in a map.
func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	s := p.objects[name]
	if s == nil {
		return p.Provider.FindStructFieldType(name, field)
	}
	m := s.member(field)
	if m == nil || m.conflict != "" {
		return nil, false
	}
	return &types.FieldType{Type: m.celType()}, true
}
