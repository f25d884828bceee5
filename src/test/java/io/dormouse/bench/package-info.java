/**
 * How fast, how small and how quiet is Dormouse, beside what one would take instead? {@link
 * io.dormouse.bench.Bench} runs a {@link io.dormouse.bench.Contest} after the other: each {@link
 * io.dormouse.bench.Contender} lives in a process of its own and does the same work, in turns with
 * the others, against a server that is one more process.
 */
package io.dormouse.bench;
