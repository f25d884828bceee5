/**
 * How long to wait before the next attempt? A pure function: time and chance are arguments, so
 * every delay can be tested and replayed. Whether there is a next attempt is said by a {@code
 * RetryPolicy} of the room {@code connection}.
 *
 * <p>Everything here is immutable and safe to use from any thread. Nothing is null.
 */
@NullMarked
package io.dormouse.reconnect;

import org.jspecify.annotations.NullMarked;
