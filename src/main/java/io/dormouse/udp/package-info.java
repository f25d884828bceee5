/**
 * Datagrams: how does a UDP socket sleep and wake? {@link io.dormouse.udp.UdpBuilder} says what the
 * socket is to be, {@link io.dormouse.udp.UdpConnection} is the handle that the app keeps.
 *
 * <p>Each generation has a new socket: it is bound again, its options are set again, and its
 * multicast groups are joined again. Handles are safe to use from any thread; callbacks run on the
 * callback executor, never in the middle of I/O. Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.udp;

import org.jspecify.annotations.NullMarked;
