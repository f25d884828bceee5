/**
 * How do bytes get through one connected transport? {@link io.dormouse.stream.Stream} has it
 * dialed, has a reader and a writer use it, and closes it, for every kind of connection that runs
 * over TCP.
 *
 * <p>Loop only. Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.stream;

import org.jspecify.annotations.NullMarked;
