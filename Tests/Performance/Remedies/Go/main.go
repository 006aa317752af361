// SPDX-License-Identifier: Apache-2.0
//
// Go's side of the measurements. It executes commands from standard input, one per line, and is
// idle in between, so that its rounds can alternate with those of the Swift side.

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

type circumstances struct {
	ReadPercent  int    `json:"readPercent"`
	Threads      int    `json:"threads"`
	KeyKind      string `json:"keyKind"`
	Keys         int    `json:"keys"`
	Distribution string `json:"distribution"`
}

type cell struct {
	Subject             string        `json:"subject"`
	Circumstances       circumstances `json:"circumstances"`
	Operations          int           `json:"operations"`
	OperationsPerSecond float64       `json:"operationsPerSecond"`
	P50                 float64       `json:"p50Nanoseconds"`
	P99                 float64       `json:"p99Nanoseconds"`
	P999                float64       `json:"p999Nanoseconds"`
}

// worker is the loop of one goroutine; each subject has its own, so that its operations are called
// directly.
type worker func(reads uint8, position int, stop *atomic.Bool) (int, []int64)

// run measures one subject under one combination of circumstances.
func run(name string, c circumstances, seconds float64, work worker) cell {
	var stop atomic.Bool
	var group sync.WaitGroup
	var mutex sync.Mutex
	operations, samples := 0, []int64{}
	start := time.Now()
	for number := 0; number < c.Threads; number++ {
		group.Add(1)
		go func(number int) {
			count, mine := work(uint8(c.ReadPercent), (number*7919337)&(length-1), &stop)
			mutex.Lock()
			operations += count
			samples = append(samples, mine...)
			mutex.Unlock()
			group.Done()
		}(number)
	}
	time.Sleep(time.Duration(seconds * 1e9))
	stop.Store(true)
	group.Wait()
	elapsed := time.Since(start).Seconds()
	sort.Slice(samples, func(i, j int) bool { return samples[i] < samples[j] })
	percentile := func(p float64) float64 {
		return float64(samples[int(math.Min(float64(len(samples)-1), p*float64(len(samples))))])
	}
	return cell{name, c, operations, float64(operations) / elapsed, percentile(0.5), percentile(0.99), percentile(0.999)}
}

// collect frees the garbage of earlier rounds outside of the timed part, when there is so much that
// a collection is near.
func collect(live *uint64) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.HeapAlloc > *live+*live/2 {
		runtime.GC()
		runtime.ReadMemStats(&memory)
		*live = memory.HeapAlloc
	}
}

// main obeys these commands:
//
//	panel KIND KEYS DISTRIBUTION          makes the maps; the kind of keys is Int or String
//	run SUBJECT READS THREADS SECONDS     runs one of them and prints its cell as a JSON object
func main() {
	var c circumstances
	var live uint64
	var works []worker
	encoder := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var number int
		var seconds float64
		if n, _ := fmt.Sscanf(lines.Text(), "panel %s %d %s", &c.KeyKind, &c.Keys, &c.Distribution); n == 3 {
			works = nil
			if c.KeyKind == "String" {
				makeKey := func(number int) string { return "order-" + strconv.Itoa(number) }
				works = makeWorkers(makeSequence(c.Keys, c.Distribution, makeKey), makeKey, c.Keys)
			} else {
				makeKey := func(number int) int { return number }
				works = makeWorkers(makeSequence(c.Keys, c.Distribution, makeKey), makeKey, c.Keys)
			}
			live = 0
			collect(&live)
			continue
		}
		n, _ := fmt.Sscanf(lines.Text(), "run %d %d %d %f", &number, &c.ReadPercent, &c.Threads, &seconds)
		if n != 4 || number < 0 || number >= len(works) {
			fmt.Fprintln(os.Stderr, "not a command:", lines.Text())
			os.Exit(2)
		}
		collect(&live)
		if err := encoder.Encode(run(names[number], c, seconds, works[number])); err != nil {
			os.Exit(1)
		}
	}
}
