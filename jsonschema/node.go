package jsonschema

// node is a compiled subschema: the program is a graph of nodes. A node holds what the first pass needs beside what the listing of errors needs.
// Groups of keywords that a schema does not use are nil.
type node struct {
	// types are the types that the schema admits: all without the keyword type.
	types typeSet
	// more tells the first pass that any or ref is there.
	more bool
	// fixed is set for the boolean schemas.
	fixed fixed
	// rules tells that the schema has any keyword that ajv implements; it skips those without.
	rules bool
	// typeGroup is the group whose turn it is to report a wrong type.
	typeGroup group

	str *stringRules
	num *numberRules
	obj *objectRules
	arr *arrayRules
	any *anyRules

	// ref is what a $ref leads to; ajv ignores the keywords beside it, but for type if no other keyword is for that type.
	ref *refRule

	// typeNames is the keyword type as the messages have it, "" without it.
	typeNames string
	// used are the groups of keywords that the schema has.
	used [groups]bool
}

type fixed uint8

const (
	notFixed fixed = iota
	alwaysTrue
	alwaysFalse
)

// group is a group of keywords. ajv applies them in this order.
type group uint8

const (
	groupNone group = iota
	groupNumber
	groupString
	groupArray
	groupObject
	groupAny
	groups
)

var keywordGroups = map[string]group{
	"maximum": groupNumber, "exclusiveMaximum": groupNumber, "minimum": groupNumber, "exclusiveMinimum": groupNumber, "multipleOf": groupNumber,
	"maxLength": groupString, "minLength": groupString, "pattern": groupString, "format": groupString,
	"maxItems": groupArray, "minItems": groupArray, "items": groupArray, "contains": groupArray, "uniqueItems": groupArray,
	"maxProperties": groupObject, "minProperties": groupObject, "required": groupObject, "dependencies": groupObject,
	"propertyNames": groupObject, "properties": groupObject, "additionalProperties": groupObject, "patternProperties": groupObject,
	"$ref": groupAny, "const": groupAny, "enum": groupAny, "not": groupAny, "anyOf": groupAny, "oneOf": groupAny, "allOf": groupAny, "if": groupAny,
	"type": groupNone, "$comment": groupNone,
}

// typeSet is a set of JSON types.
type typeSet uint8

const (
	typeNull typeSet = 1 << iota
	typeBoolean
	typeInteger
	typeNumber
	typeString
	typeArray
	typeObject
	anyType = 1<<iota - 1
)

var typesByName = map[string]typeSet{"null": typeNull, "boolean": typeBoolean, "integer": typeInteger, "number": typeNumber | typeInteger,
	"string": typeString, "array": typeArray, "object": typeObject}

// anyNode accepts every value.
var anyNode = &node{fixed: alwaysTrue, types: anyType}

// noNode accepts no value.
var noNode = &node{fixed: alwaysFalse, rules: true}

// admits reports whether the value has one of the types.
func (t typeSet) admits(v *value) bool {
	switch v.kind {
	case kindNull:
		return t&typeNull != 0
	case kindFalse, kindTrue:
		return t&typeBoolean != 0
	case kindNumber:
		return t&typeNumber != 0 || t&typeInteger != 0 && parseNumber([]byte(v.text)).isInteger()
	case kindString:
		return t&typeString != 0
	case kindArray:
		return t&typeArray != 0
	case kindObject:
		return t&typeObject != 0
	}
	return false
}
