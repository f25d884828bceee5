/**
 * What does the system give us? {@link io.dormouse.network.Network} opens transports, resolves
 * names and tells the time of day; {@link io.dormouse.network.Transport} is a non-blocking byte
 * stream, and the {@link io.dormouse.network.Dialer} brings one to where it is to go. Nothing else
 * in the library asks the system for these, so that all of it runs over a simulated network too.
 *
 * <p>Loop only, except where a method says otherwise. Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.network;

import org.jspecify.annotations.NullMarked;
