// SPDX-License-Identifier: Apache-2.0

// One trial of the recall benchmark with Go's own map: goroutines on separate threads, released by
// a spinning gate.
package main

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

func number(name string, fallback int) int {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return value
	}
	return fallback
}

func main() {
	threads := number("RACE_THREADS", 2)
	operations := number("RACE_OPERATIONS", 1000)
	reads := len(os.Args) > 1 && os.Args[1] == "recall-read-write"
	shared := map[int]int{}
	var waiting atomic.Int64
	var group sync.WaitGroup
	for worker := 0; worker < threads; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			runtime.LockOSThread()
			waiting.Add(1)
			for waiting.Load() < int64(threads) {
				runtime.Gosched()
			}
			sum := 0
			for i := 0; i < operations; i++ {
				if reads && worker%2 == 1 {
					sum += shared[i%256]
				} else {
					shared[i%256] = i
				}
			}
			_ = sum
		}()
	}
	group.Wait()
}
