package simbus

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
)

// everything is a value with every type, alone and in arrays.
func everything() list {
	flat := []any{
		nil, true, false, uint8(1), uint16(2), uint32(3), uint64(4), uint64(1 << 60), int8(-1), int16(-2), int32(-3),
		int64(-4), float32(0.5), math.Pi, char('x'), timestamp(-5), uuid{1, 15: 2}, "", strings.Repeat("t", 300),
		symbol("s"), []byte{0, 255}, list{}, list{nil, uint32(1)}, mapping{"k", symbol("v"), uint64(1), nil},
		described{symbol("d"), "v"},
	}
	all := append(list{}, flat...)
	for _, v := range flat {
		if v != nil {
			all = append(all, array{v, v})
		}
	}
	return append(all, array{}, "the end")
}

func TestValuesSurvive(t *testing.T) {
	d := decoder{rest: encode(nil, everything())}
	got := d.value()
	if d.err != nil || len(d.rest) > 0 {
		t.Fatalf("%v, %d bytes are left", d.err, len(d.rest))
	}
	for i, want := range everything() {
		if v := got.(list)[i]; !reflect.DeepEqual(v, want) {
			t.Errorf("value %d is %#v, want %#v", i, v, want)
		}
	}
}

// Encoders are free to choose among constructors.
func TestEveryConstructor(t *testing.T) {
	for _, c := range []struct {
		encoded string
		want    any
	}{
		{"\x40", nil}, {"\x41", true}, {"\x42", false}, {"\x43", uint32(0)}, {"\x44", uint64(0)}, {"\x45", list{}},
		{"\x56\x01", true}, {"\x56\x00", false}, {"\x50\x07", uint8(7)}, {"\x51\xff", int8(-1)},
		{"\x52\xff", uint32(255)}, {"\x53\xff", uint64(255)}, {"\x54\xff", int32(-1)}, {"\x55\xff", int64(-1)},
		{"\x60\x01\x00", uint16(256)}, {"\x61\xff\xff", int16(-1)}, {"\xa0\x01b", []byte("b")}, {"\xa1\x01s", "s"},
		{"\xa3\x01y", symbol("y")}, {"\xc0\x03\x02\x41\x42", list{true, false}}, {"\xc1\x03\x02\x41\x42", mapping{true, false}},
		{"\xe0\x04\x02\x50\x01\x02", array{uint8(1), uint8(2)}},
		{"\xe0\x07\x02\x00\x53\x01\x50\x01\x02", array{described{uint64(1), uint8(1)}, described{uint64(1), uint8(2)}}},
		{"\x00\x53\x24\x45", described{uint64(0x24), list{}}},
	} {
		d := decoder{rest: []byte(c.encoded)}
		if got := d.value(); d.err != nil || len(d.rest) > 0 || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q is %#v, %v; want %#v", c.encoded, got, d.err, c.want)
		}
	}
}

// hostile values say more than they hold.
func hostile() map[string]string {
	return map[string]string{
		"nothing":                       "",
		"string without its end":        "\xb1\xff\xff\xff\xffx",
		"number without its end":        "\x80\x01",
		"uuid without its end":          "\x98\x01",
		"list of 4 G":                   "\xd0\x00\x00\x00\x04\xff\xff\xff\xff",
		"list larger than its size":     "\xc0\x02\x02\x41\x41",
		"list beyond the buffer":        "\xd0\xff\xff\xff\xff\x00\x00\x00\x01\x41",
		"array of 4 G without bytes":    "\xf0\x00\x00\x00\x05\xff\xff\xff\xff\x41",
		"map with a key and no value":   "\xc1\x02\x01\x41",
		"lists in lists":                strings.Repeat("\xc0\xff\x01", 100),
		"descriptors of descriptors":    strings.Repeat("\x00", 100),
		"unknown constructor":           "\x99",
		"unknown width":                 "\x10",
		"array of an unknown type":      "\xe0\x03\x01\x57\x00",
		"descriptor without a value":    "\x00\x53\x10",
		"compound of no kind":           "\xc5\x01\x00",
		"fixed of no kind":              "\x74\x00\x00\x00\x00",
		"variable of no kind":           "\xa7\x00",
		"array of nulls":                "\xe0\x03\x01\x40\x00",
		"array of the twice described":  "\xe0\x08\x01\x00\x53\x01\x00\x53\x01\x41",
		"array element without content": "\xe0\x03\x02\x70\x00",
	}
}

func TestHostileValues(t *testing.T) {
	for name, encoded := range hostile() {
		d := decoder{rest: []byte(encoded)}
		if got := d.value(); d.err == nil {
			t.Errorf("%s: read as %#v", name, got)
		}
	}
}

// nodes counts what a value is made of.
func nodes(v any) int {
	count := 1
	var items []any
	switch v := v.(type) {
	case list:
		items = v
	case mapping:
		items = v
	case array:
		items = v
	case described:
		items = []any{v.descriptor, v.value}
	case string:
		return 1 + len(v)
	case []byte:
		return 1 + len(v)
	}
	for _, item := range items {
		count += nodes(item)
	}
	return count
}

// FuzzValue: reading ends, takes no more than the bytes can pay for, and what
// was read is written and read again as the same. Its corpus has frames and
// messages that the SDK sent, and hostile ones.
func FuzzValue(f *testing.F) {
	f.Add(encode(nil, everything()))
	for _, encoded := range hostile() {
		f.Add([]byte(encoded))
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		d := decoder{rest: encoded}
		v := d.value()
		if d.err != nil {
			return
		}
		if got, most := nodes(v), 4*len(encoded); got > most {
			t.Errorf("%d nodes from %d bytes", got, len(encoded))
		}
		once := encode(nil, v)
		again := decoder{rest: once}
		if twice := encode(nil, again.value()); again.err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%#v is written as %x, then as %x, %v", v, once, twice, again.err)
		}
	})
}
