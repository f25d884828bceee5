/**
 * How do bytes get through a TCP socket? {@link io.dormouse.stream.Stream} looks the host up,
 * connects, reads and writes, for every kind of connection that runs over TCP.
 *
 * <p>Loop only, but for what has the {@link io.dormouse.stream.WriteOwnership}. Null only where
 * {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.stream;

import org.jspecify.annotations.NullMarked;
