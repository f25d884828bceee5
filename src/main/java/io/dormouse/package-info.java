/**
 * The front door: {@link io.dormouse.ConnectionRegistry} and its builder. It puts the rooms
 * together; no room imports it.
 *
 * <p>Safe to use from any thread. Nothing is null.
 */
@NullMarked
package io.dormouse;

import org.jspecify.annotations.NullMarked;
