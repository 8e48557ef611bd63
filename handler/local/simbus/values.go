package simbus

// The types of AMQP 1.0 (part 1 of the standard) that Go has no type for. The
// others are nil, bool, uint8 to uint64, int8 to int64, float32, float64,
// string and []byte. Integers keep their width, since the SDK hands out
// application properties by width. The decimal types are not read.
type (
	symbol    string
	timestamp int64 // milliseconds since 1970
	uuid      [16]byte
	char      uint32
	list      []any
	mapping   []any // key, value, key, value: order and odd keys are kept
	array     []any // elements of one type
	described struct{ descriptor, value any }
)

// at is the i-th field of a composite; the zero value where it is null, left
// out or of another type, as the standard's defaults mostly are.
func at[T any](l list, i int) T {
	var none T
	if i >= len(l) {
		return none
	}
	v, ok := l[i].(T)
	if !ok {
		return none
	}
	return v
}

// given tells whether a composite has a field.
func given(l list, i int) bool { return i < len(l) && l[i] != nil }

// code is the descriptor of a composite or a section; 0 is none.
func code(v any) uint64 {
	d, _ := v.(described)
	c, _ := d.descriptor.(uint64)
	return c
}

// fields are those of a composite; none when v is something else.
func fields(v any) list {
	d, _ := v.(described)
	l, _ := d.value.(list)
	return l
}

// composite has a descriptor and fields in the order of the standard.
func composite(descriptor uint64, fields ...any) described {
	return described{descriptor, list(fields)}
}

// lookup finds a key that is a string or a symbol.
func (m mapping) lookup(key string) (any, bool) {
	for i := 0; i+1 < len(m); i += 2 {
		if name(m[i]) == key {
			return m[i+1], true
		}
	}
	return nil, false
}

// value is the value of a key; the zero value without it or with another type.
func value[T any](m mapping, key string) T {
	found, _ := m.lookup(key)
	v, _ := found.(T)
	return v
}

// with is a copy of the map that has the key set.
func (m mapping) with(key, v any) mapping {
	out := make(mapping, 0, len(m)+2)
	for i := 0; i+1 < len(m); i += 2 {
		if name(m[i]) != name(key) {
			out = append(out, m[i], m[i+1])
		}
	}
	return append(out, key, v)
}

// name is a key as text; "" for keys that are neither string nor symbol.
func name(key any) string {
	switch key := key.(type) {
	case string:
		return key
	case symbol:
		return string(key)
	}
	return ""
}

// elements of a list or an array: the SDK sends either for several things.
func elements(v any) []any {
	switch v := v.(type) {
	case list:
		return v
	case array:
		return v
	}
	return nil
}
