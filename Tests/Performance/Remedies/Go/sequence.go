// SPDX-License-Identifier: Apache-2.0
//
// The keys and the choices between reading and writing, generated as on the Swift side.

package main

import "math"

const length = 1 << 20

// sequence has the keys in the order of the operations.
type sequence[K comparable] struct {
	keys []K
	lots []uint8
}

func next(state *uint64) uint64 {
	*state += 0x9E3779B97F4A7C15
	z := *state
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

func makeSequence[K comparable](count int, distribution string, makeKey func(int) K) *sequence[K] {
	s := &sequence[K]{make([]K, length), make([]uint8, length)}
	state := uint64(20260701)
	if distribution == "uniform" {
		for i := range s.keys {
			s.keys[i] = makeKey(int(next(&state) % uint64(count)))
		}
	} else {
		exponent, zeta, two := 0.99, 0.0, 1+math.Pow(2, -0.99)
		for i := 1; i <= count; i++ {
			zeta += math.Pow(float64(i), -exponent)
		}
		alpha := 1 / (1 - exponent)
		eta := (1 - math.Pow(2/float64(count), 1-exponent)) / (1 - two/zeta)
		for i := range s.keys {
			unit := float64(next(&state)>>11) / (1 << 53)
			scaled := unit * zeta
			switch {
			case scaled < 1:
				s.keys[i] = makeKey(0)
			case scaled < 1+math.Pow(0.5, exponent):
				s.keys[i] = makeKey(1)
			default:
				rank := int(float64(count) * math.Pow(eta*unit-eta+1, alpha))
				if rank >= count {
					rank = count - 1
				}
				s.keys[i] = makeKey(rank)
			}
		}
	}
	for i := range s.lots {
		s.lots[i] = uint8(next(&state) % 100)
	}
	return s
}
