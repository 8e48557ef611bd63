package simbus

import (
	"encoding/binary"
	"math"
)

// encode appends a value in the widest form of its type, which arrays need
// anyway. Shorter are null, the empty list, and small unsigned longs: the SDK
// knows a descriptor in that form only. It knows every type that a decoder
// yields; anything else would be a slip in this package and becomes null.
func encode(b []byte, v any) []byte {
	switch v := v.(type) {
	case uint64:
		if v < 256 {
			return append(b, 0x53, byte(v))
		}
	case described:
		return encode(encode(append(b, 0), v.descriptor), v.value)
	case list:
		for len(v) > 0 && v[len(v)-1] == nil {
			v = v[:len(v)-1] // trailing fields may be left out
		}
		if len(v) == 0 {
			return append(b, 0x45)
		}
		return content(append(b, 0xd0), v)
	}
	return content(append(b, constructor(v)), v)
}

// constructor is the widest of a value's type.
func constructor(v any) byte {
	switch v.(type) {
	case uint8:
		return 0x50
	case int8:
		return 0x51
	case bool:
		return 0x56
	case uint16:
		return 0x60
	case int16:
		return 0x61
	case uint32:
		return 0x70
	case int32:
		return 0x71
	case float32:
		return 0x72
	case char:
		return 0x73
	case uint64:
		return 0x80
	case int64:
		return 0x81
	case float64:
		return 0x82
	case timestamp:
		return 0x83
	case uuid:
		return 0x98
	}
	return constructorOfMany(v)
}

// constructorOfMany is that of a value without a fixed width.
func constructorOfMany(v any) byte {
	switch v.(type) {
	case []byte:
		return 0xb0
	case string:
		return 0xb1
	case symbol:
		return 0xb3
	case list:
		return 0xd0
	case mapping:
		return 0xd1
	case array:
		return 0xf0
	}
	return 0x40
}

// content appends a value without its constructor.
func content(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, 1)
		}
		return append(b, 0)
	case uint8:
		return append(b, v)
	case int8:
		return append(b, byte(v))
	case uint16:
		return binary.BigEndian.AppendUint16(b, v)
	case int16:
		return binary.BigEndian.AppendUint16(b, uint16(v))
	case uint32:
		return binary.BigEndian.AppendUint32(b, v)
	case int32:
		return binary.BigEndian.AppendUint32(b, uint32(v))
	case float32:
		return binary.BigEndian.AppendUint32(b, math.Float32bits(v))
	case char:
		return binary.BigEndian.AppendUint32(b, uint32(v))
	case uint64:
		return binary.BigEndian.AppendUint64(b, v)
	case int64:
		return binary.BigEndian.AppendUint64(b, uint64(v))
	case float64:
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v))
	case timestamp:
		return binary.BigEndian.AppendUint64(b, uint64(v))
	case uuid:
		return append(b, v[:]...)
	}
	return contentOfMany(b, v)
}

// contentOfMany is the content of a value without a fixed width.
func contentOfMany(b []byte, v any) []byte {
	switch v := v.(type) {
	case []byte:
		return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
	case string:
		return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
	case symbol:
		return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
	case list:
		return compound(b, v)
	case mapping:
		return compound(b, v)
	case array:
		return elementsOf(b, v)
	}
	return b
}

// compound appends the size, the count and the elements.
func compound(b []byte, items []any) []byte {
	b, sized := size(b, len(items))
	for _, item := range items {
		b = encode(b, item)
	}
	return sized(b)
}

// elementsOf appends an array: one constructor for all, that of the first.
func elementsOf(b []byte, items array) []byte {
	b, sized := size(b, len(items))
	if len(items) == 0 {
		return sized(append(b, 0x40))
	}
	first, isDescribed := items[0].(described)
	if isDescribed {
		b = append(encode(append(b, 0), first.descriptor), constructor(first.value))
	} else {
		b = append(b, constructor(items[0]))
	}
	for _, item := range items {
		if d, ok := item.(described); ok {
			item = d.value
		}
		b = content(b, item)
	}
	return sized(b)
}

// size leaves room for a size, appends the count, and returns what fills the
// size in once the elements are there.
func size(b []byte, count int) (start []byte, sized func([]byte) []byte) {
	from := len(b)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(count))
	return b, func(b []byte) []byte {
		binary.BigEndian.PutUint32(b[from:], uint32(len(b)-from-4))
		return b
	}
}
