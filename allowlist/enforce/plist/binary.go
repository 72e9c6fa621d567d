package plist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
)

// The binary form: "bplist00", objects, a table with the place of each, and a trailer of 32 bytes
// with the sizes of both kinds of reference. An object begins with a byte of its type and, below
// 15, its length.
const (
	trailerBytes = 32
	lengthFollow = 15
)

const (
	typeSimple = iota
	typeInteger
	typeReal
	typeDate
	typeData
	typeASCII
	typeUTF16
	_
	typeUID
	_
	typeArray
	_
	typeSet
	typeDict
)

var errCutOff = errors.New("it is cut off or damaged")

func readBinary(data []byte) (any, error) {
	if len(data) < len(binaryMagic)+trailerBytes {
		return nil, errCutOff
	}
	trailer := data[len(data)-trailerBytes:]
	b := &binaryReader{
		data: data[:len(data)-trailerBytes], placeSize: int(trailer[6]), refSize: int(trailer[7]),
		count: binary.BigEndian.Uint64(trailer[8:]), table: binary.BigEndian.Uint64(trailer[24:]),
	}
	if b.placeSize < 1 || b.placeSize > 8 || b.refSize < 1 || b.refSize > 8 || b.table > uint64(len(b.data)) ||
		b.count > (uint64(len(b.data))-b.table)/uint64(b.placeSize) {
		return nil, errCutOff
	}
	return b.object(binary.BigEndian.Uint64(trailer[16:]), 0)
}

type binaryReader struct {
	budget
	data               []byte // without the trailer
	placeSize, refSize int
	count, table       uint64
}

// object reads the object of a number.
func (b *binaryReader) object(number uint64, depth int) (any, error) {
	if err := b.take(depth); err != nil {
		return nil, err
	}
	if number >= b.count {
		return nil, errCutOff
	}
	at, err := b.number(b.table+number*uint64(b.placeSize), b.placeSize)
	if err != nil {
		return nil, err
	}
	marker, err := b.bytes(at, 1)
	if err != nil {
		return nil, err
	}
	kind, low := marker[0]>>4, uint64(marker[0]&0x0F)
	switch kind {
	case typeSimple:
		return simple(low)
	case typeInteger:
		return b.integer(at+1, low)
	case typeReal, typeDate:
		return b.real(at+1, low)
	}
	length, at, err := b.length(at+1, low)
	if err != nil {
		return nil, err
	}
	switch kind {
	case typeData:
		found, err := b.bytes(at, length)
		return append([]byte{}, found...), err
	case typeASCII:
		found, err := b.bytes(at, length)
		return string(found), err
	case typeUTF16:
		return b.utf16(at, length)
	case typeArray, typeSet:
		return b.array(at, length, depth)
	case typeDict:
		return b.dict(at, length, depth)
	}
	return nil, fmt.Errorf("it has an object of an unknown type, %d", kind)
}

func simple(low uint64) (any, error) {
	switch low {
	case 0:
		return nil, nil
	case 8:
		return false, nil
	case 9:
		return true, nil
	}
	return nil, errCutOff
}

func (b *binaryReader) integer(at, low uint64) (any, error) {
	if low > 4 {
		return nil, errCutOff
	}
	if low == 4 { // 16 bytes, of which the lower half counts
		at, low = at+8, 3
	}
	number, err := b.number(at, 1<<low)
	return int64(number), err
}

func (b *binaryReader) real(at, low uint64) (any, error) {
	switch low {
	case 2:
		bits, err := b.number(at, 4)
		return float64(math.Float32frombits(uint32(bits))), err
	case 3:
		bits, err := b.number(at, 8)
		return math.Float64frombits(bits), err
	}
	return nil, errCutOff
}

// length returns how many bytes, characters or members an object has, and where they begin.
func (b *binaryReader) length(at, low uint64) (length, start uint64, err error) {
	if low < lengthFollow {
		return low, at, nil
	}
	marker, err := b.bytes(at, 1)
	if err != nil || marker[0]>>4 != typeInteger || marker[0]&0x0F > 3 {
		return 0, 0, errCutOff
	}
	size := 1 << (marker[0] & 0x0F)
	length, err = b.number(at+1, size)
	return length, at + 1 + uint64(size), err
}

func (b *binaryReader) utf16(at, length uint64) (any, error) {
	if length > uint64(len(b.data)) {
		return nil, errCutOff
	}
	found, err := b.bytes(at, 2*length)
	if err != nil {
		return nil, err
	}
	units := make([]uint16, length)
	for n := range units {
		units[n] = binary.BigEndian.Uint16(found[2*n:])
	}
	return string(utf16.Decode(units)), nil
}

func (b *binaryReader) array(at, length uint64, depth int) (any, error) {
	list := []any{}
	for n := range length {
		value, err := b.member(at+n*uint64(b.refSize), depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

func (b *binaryReader) dict(at, length uint64, depth int) (any, error) {
	if length > uint64(len(b.data)) {
		return nil, errCutOff
	}
	dict := map[string]any{}
	for n := range length {
		key, err := b.member(at+n*uint64(b.refSize), depth)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, errors.New("it has a key that is not a string")
		}
		if dict[name], err = b.member(at+(length+n)*uint64(b.refSize), depth); err != nil {
			return nil, fmt.Errorf("%s: %w", strconv.Quote(name), err)
		}
	}
	return dict, nil
}

// member reads the object that a reference names.
func (b *binaryReader) member(at uint64, depth int) (any, error) {
	number, err := b.number(at, b.refSize)
	if err != nil {
		return nil, err
	}
	return b.object(number, depth+1)
}

func (b *binaryReader) number(at uint64, size int) (number uint64, err error) {
	found, err := b.bytes(at, uint64(size))
	for _, each := range found {
		number = number<<8 | uint64(each)
	}
	return number, err
}

func (b *binaryReader) bytes(at, length uint64) ([]byte, error) {
	if at > uint64(len(b.data)) || length > uint64(len(b.data))-at {
		return nil, errCutOff
	}
	return b.data[at : at+length], nil
}
