/**
 * What does one step of the inner code cost, in nanoseconds? Benchmarks of JMH, each beside what
 * one would otherwise take. They are classes whose name ends in {@code Benchmark}, in the room of
 * what they measure where only that room sees it; of their methods, {@code dormouse} is ours.
 */
package io.dormouse.bench.micro;
