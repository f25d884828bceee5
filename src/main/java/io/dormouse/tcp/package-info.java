/**
 * How does an app use TCP? {@link io.dormouse.tcp.TcpConnection} is a stream of bytes that comes
 * back after the background on a new socket. {@link io.dormouse.tcp.Framing} takes it apart into
 * messages of a bounded length, for apps that want those rather than bytes.
 *
 * <p>Handles are safe to use from any thread; callbacks run in order on the callback executor. Null
 * only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.tcp;

import org.jspecify.annotations.NullMarked;
