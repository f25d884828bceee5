/**
 * One thread at a time, one selector, one clock. {@link io.dormouse.loop.Loop} is the contract,
 * {@link io.dormouse.loop.SelectorLoop} the real thing; tests have a twin with virtual time.
 *
 * <p>Everything that changes a connection runs here. Between its rounds the loop lends its thread
 * to callbacks, and goes on without it if one takes long. Null only where {@code @Nullable} says
 * so.
 */
@NullMarked
package io.dormouse.loop;

import org.jspecify.annotations.NullMarked;
