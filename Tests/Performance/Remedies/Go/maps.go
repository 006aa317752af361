// SPDX-License-Identifier: Apache-2.0
//
// The maps of Go's side. Each function repeats the loop of the others, so that it calls its map
// directly.

package main

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

var sink atomic.Int64

// names is in the order of the commands' numbers.
var names = []string{"Go map + Mutex", "Go map + RWMutex", "Go sync.Map", "Go sharded map"}

// makeWorkers makes the maps of one panel.
func makeWorkers[K comparable](s *sequence[K], makeKey func(int) K, keys int) []worker {
	all := make([]K, keys)
	for key := range all {
		all[key] = makeKey(key)
	}
	return []worker{mutexMap(s, all), rwMutexMap(s, all), syncMap(s, all), shardedMap(s, all)}
}

// shard is padded to two cache lines.
type shard[K comparable] struct {
	sync.Mutex
	m map[K]int
	_ [112]byte
}

func mutexMap[K comparable](s *sequence[K], all []K) worker {
	var mutex sync.Mutex
	m := make(map[K]int, len(all))
	for number, key := range all {
		m[key] = number
	}
	return func(reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := s.keys[position]
				if s.lots[position] < reads {
					mutex.Lock()
					seen += m[key]
					mutex.Unlock()
				} else {
					mutex.Lock()
					m[key] = operations
					mutex.Unlock()
				}
				if i == 0 {
					samples = append(samples, int64(time.Since(before)))
				}
				position = (position + 1) & (length - 1)
				operations++
			}
		}
		sink.Add(int64(seen))
		return operations, samples
	}
}

func rwMutexMap[K comparable](s *sequence[K], all []K) worker {
	var mutex sync.RWMutex
	m := make(map[K]int, len(all))
	for number, key := range all {
		m[key] = number
	}
	return func(reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := s.keys[position]
				if s.lots[position] < reads {
					mutex.RLock()
					seen += m[key]
					mutex.RUnlock()
				} else {
					mutex.Lock()
					m[key] = operations
					mutex.Unlock()
				}
				if i == 0 {
					samples = append(samples, int64(time.Since(before)))
				}
				position = (position + 1) & (length - 1)
				operations++
			}
		}
		sink.Add(int64(seen))
		return operations, samples
	}
}

func syncMap[K comparable](s *sequence[K], all []K) worker {
	var m sync.Map
	for number, key := range all {
		m.Store(key, number)
	}
	return func(reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := s.keys[position]
				if s.lots[position] < reads {
					if value, ok := m.Load(key); ok {
						seen += value.(int)
					}
				} else {
					m.Store(key, operations)
				}
				if i == 0 {
					samples = append(samples, int64(time.Since(before)))
				}
				position = (position + 1) & (length - 1)
				operations++
			}
		}
		sink.Add(int64(seen))
		return operations, samples
	}
}

func shardedMap[K comparable](s *sequence[K], all []K) worker {
	shards := make([]shard[K], 16)
	for i := range shards {
		shards[i].m = make(map[K]int, len(all)/16+1)
	}
	seed := maphash.MakeSeed()
	for number, key := range all {
		shards[maphash.Comparable(seed, key)>>60].m[key] = number
	}
	return func(reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := s.keys[position]
				if s.lots[position] < reads {
					shard := &shards[maphash.Comparable(seed, key)>>60]
					shard.Lock()
					seen += shard.m[key]
					shard.Unlock()
				} else {
					shard := &shards[maphash.Comparable(seed, key)>>60]
					shard.Lock()
					shard.m[key] = operations
					shard.Unlock()
				}
				if i == 0 {
					samples = append(samples, int64(time.Since(before)))
				}
				position = (position + 1) & (length - 1)
				operations++
			}
		}
		sink.Add(int64(seen))
		return operations, samples
	}
}
