/**
 * What happened? The reports of suspends and resumes, the snapshot of a registry, and what observes
 * one. (A connection's own snapshot is in its room, {@code io.dormouse.connection}.) Rooms below
 * this one record and measure with what not everybody has.
 *
 * <p>Reports and snapshots are immutable values, safe to use from any thread. They are interfaces,
 * so that a later version can say more in them; only the library implements them. What an app
 * implements is a {@link io.dormouse.observe.RegistryObserver}. Nothing is null.
 */
@NullMarked
package io.dormouse.observe;

import org.jspecify.annotations.NullMarked;
