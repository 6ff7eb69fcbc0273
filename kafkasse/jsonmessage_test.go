package kafkasse

import "testing"

// What JSON.parse of Node.js 20 says.
func TestJSONMessage(t *testing.T) {
	for text, want := range map[string]string{
		`[1`:              `Expected ',' or ']' after array element in JSON at position 2`,
		`{`:               `Expected property name or '}' in JSON at position 1`,
		`[`:               `Unexpected end of JSON input`,
		`{"a"`:            `Expected ':' after property name in JSON at position 4`,
		`{"a":`:           `Unexpected end of JSON input`,
		`{"a":1`:          `Expected ',' or '}' after property value in JSON at position 6`,
		`{"a":1,`:         `Expected double-quoted property name in JSON at position 7`,
		`{"a":1,}`:        `Expected double-quoted property name in JSON at position 7`,
		`[1,]`:            `Unexpected token ']', "[1,]" is not valid JSON`,
		`[1 2]`:           `Expected ',' or ']' after array element in JSON at position 3`,
		`{"a" 1}`:         `Expected ':' after property name in JSON at position 5`,
		`{a:1}`:           `Expected property name or '}' in JSON at position 1`,
		`{'x':1`:          `Expected property name or '}' in JSON at position 1`,
		`[{"x`:            `Unterminated string in JSON at position 4`,
		"\"a\nb\"":        `Bad control character in string literal in JSON at position 2`,
		`"\x"`:            `Bad escaped character in JSON at position 2`,
		`"\u12"`:          `Bad Unicode escape in JSON at position 5`,
		`-`:               `No number after minus sign in JSON at position 1`,
		`-a`:              `No number after minus sign in JSON at position 1`,
		`1.`:              `Unterminated fractional number in JSON at position 2`,
		`1e`:              `Exponent part is missing a number in JSON at position 2`,
		`1.x`:             `Unterminated fractional number in JSON at position 2`,
		`01`:              `Unexpected number in JSON at position 1`,
		`nul`:             `Unexpected end of JSON input`,
		`undefined`:       `"undefined" is not valid JSON`,
		`NaN`:             `"NaN" is not valid JSON`,
		`Infinity`:        `"Infinity" is not valid JSON`,
		`[object Object]`: `"[object Object]" is not valid JSON`,
		`tru`:             `Unexpected end of JSON input`,
		`abc`:             `Unexpected token 'a', "abc" is not valid JSON`,
		`[] x`:            `Unexpected non-whitespace character after JSON at position 3`,
		`{} {}`:           `Unexpected non-whitespace character after JSON at position 3`,
		`[{"topic":"a","partition":0,"offset":NaN}]`:       `Unexpected token 'N', ...","offset":NaN}]" is not valid JSON`,
		`[{"topic":"a","partition":0,"offset":01}]`:        `Unexpected number in JSON at position 38`,
		`[{"topic":"a",partition:0}]`:                      `Expected double-quoted property name in JSON at position 14`,
		`abcdefghijklmnopqrstuvwxyz`:                       `Unexpected token 'a', "abcdefghij"... is not valid JSON`,
		`[1,2,3,4,5,6,7,8,9,10,x]`:                         `Unexpected token 'x', ...",7,8,9,10,x]" is not valid JSON`,
		`[1,2,3,4,5,6,7,8,9,10,11,12,x,13,14,15,16,17,18]`: `Unexpected token 'x', ...",10,11,12,x,13,14,15"... is not valid JSON`,
		`"`:               `Unterminated string in JSON at position 1`,
		`{"a":"b" "c":1}`: `Expected ',' or '}' after property value in JSON at position 9`,
		`[,1]`:            `Unexpected token ',', "[,1]" is not valid JSON`,
		`{,}`:             `Expected property name or '}' in JSON at position 1`,
		`[1,,2]`:          `Unexpected token ',', "[1,,2]" is not valid JSON`,
		`[.5]`:            `Unexpected token '.', "[.5]" is not valid JSON`,
		`[+1]`:            `Unexpected token '+', "[+1]" is not valid JSON`,
		"\"\t\"":          `Bad control character in string literal in JSON at position 1`,
		`é`:               `Unexpected token 'é', "é" is not valid JSON`,
		`[é]`:             `Unexpected token 'é', "[é]" is not valid JSON`,
		`5 5`:             `Unexpected non-whitespace character after JSON at position 2`,
		`"a" "b"`:         `Unexpected non-whitespace character after JSON at position 4`,
		``:                `Unexpected end of JSON input`,
		` `:               `Unexpected end of JSON input`,
		`[{"topic":"a","partition":0,"offset":5}`:   `Expected ',' or ']' after array element in JSON at position 39`,
		`[{"topic":"a","partition":0,"offset":5}]]`: `Unexpected non-whitespace character after JSON at position 40`,
		`{"a":tru}`:       `Unexpected token '}', "{"a":tru}" is not valid JSON`,
		`[1}`:             `Expected ',' or ']' after array element in JSON at position 2`,
		`{"a":1]`:         `Expected ',' or '}' after property value in JSON at position 6`,
		`}`:               `Unexpected token '}', "}" is not valid JSON`,
		`[-]`:             `No number after minus sign in JSON at position 2`,
		`[1.]`:            `Unterminated fractional number in JSON at position 3`,
		`["a","b"`:        `Expected ',' or ']' after array element in JSON at position 8`,
		`"a" 5`:           `Unexpected non-whitespace character after JSON at position 4`,
		`[5 "x"]`:         `Expected ',' or ']' after array element in JSON at position 3`,
		`[true false]`:    `Expected ',' or ']' after array element in JSON at position 6`,
		`[null5]`:         `Expected ',' or ']' after array element in JSON at position 5`,
		"[-1]}\t":         `Unexpected non-whitespace character after JSON at position 4`,
		"\n":              `Unexpected end of JSON input`,
		`E"a"`:            `Unexpected token 'E', "E"a"" is not valid JSON`,
		`[a,"b\u0041[n"]`: `Unexpected token 'a', "[a,"b\u0041[n"]" is not valid JSON`,
		`{"a":[1.5e+3,-0.2,erue,false,null],"b"{}}`: `Unexpected token 'e', ..."5e+3,-0.2,erue,false"... is not valid JSON`,
		`a,,"`: `Unexpected token 'a', "a,,"" is not valid JSON`,
	} {
		if got := jsonMessage(text); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
	for _, text := range []string{`[]`, ` {"a":[1.5e+3,-0,"\u00e9\n"],"b":{}} `, `null`} {
		if got := jsonMessage(text); got != "" {
			t.Errorf("%q is JSON, not: %s", text, got)
		}
	}
}
