// SPDX-License-Identifier: Apache-2.0
//
// The maps of Go's side. Each function repeats the loop of the others so that nothing stands between it and its map.

package main

import (
	"sync"
	"sync/atomic"
	"time"
)

var sink atomic.Int64

var subjects = []struct {
	name string
	make func(keys int) worker
}{
	{"Go map + Mutex", mutexMap},
	{"Go map + RWMutex", rwMutexMap},
	{"Go sync.Map", syncMap},
	{"Go sharded map", shardedMap},
}

// shard is padded to two cache lines; 16 of them, as many as ShardedDictionary has on two cores.
type shard struct {
	sync.Mutex
	m map[int]int
	_ [112]byte
}

func mutexMap(keys int) worker {
	var mutex sync.Mutex
	m := make(map[int]int, keys)
	for key := 0; key < keys; key++ {
		m[key] = key
	}
	return func(s *sequence, reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := int(s.keys[position])
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

func rwMutexMap(keys int) worker {
	var mutex sync.RWMutex
	m := make(map[int]int, keys)
	for key := 0; key < keys; key++ {
		m[key] = key
	}
	return func(s *sequence, reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := int(s.keys[position])
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

func syncMap(keys int) worker {
	var m sync.Map
	for key := 0; key < keys; key++ {
		m.Store(key, key)
	}
	return func(s *sequence, reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := int(s.keys[position])
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

func shardedMap(keys int) worker {
	shards := make([]shard, 16)
	for i := range shards {
		shards[i].m = make(map[int]int, keys/16+1)
	}
	for key := 0; key < keys; key++ {
		shards[uint64(key)*0x9E3779B97F4A7C15>>60].m[key] = key
	}
	return func(s *sequence, reads uint8, position int, stop *atomic.Bool) (int, []int64) {
		operations, seen, samples := 0, 0, make([]int64, 0, 4096)
		for !stop.Load() {
			before := time.Now()
			for i := 0; i < 64; i++ {
				key := int(s.keys[position])
				if s.lots[position] < reads {
					shard := &shards[uint64(key)*0x9E3779B97F4A7C15>>60]
					shard.Lock()
					seen += shard.m[key]
					shard.Unlock()
				} else {
					shard := &shards[uint64(key)*0x9E3779B97F4A7C15>>60]
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
