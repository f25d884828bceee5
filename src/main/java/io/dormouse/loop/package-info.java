/**
 * One thread at a time, one selector, one clock. {@link io.dormouse.loop.Loop} is the contract,
 * {@link io.dormouse.loop.SelectorLoop} the real thing; tests have a twin with virtual time.
 *
 * <p>Everything that changes a connection runs here. Between two iterations callbacks may run
 * inline on its thread, and the loop goes on without that thread if one takes long. Null only where
 * {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.loop;

import org.jspecify.annotations.NullMarked;
