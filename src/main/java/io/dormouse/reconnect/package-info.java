/**
 * How long to wait before the next attempt, and whether there is one? Pure functions: time and
 * chance are arguments, so every decision can be tested and replayed.
 *
 * <p>Everything here is immutable and safe to use from any thread. Nothing is null.
 */
@NullMarked
package io.dormouse.reconnect;

import org.jspecify.annotations.NullMarked;
