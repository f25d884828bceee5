/**
 * A network that is played: hosts and their peers, links that delay, lose and break, name servers,
 * all on one virtual clock and from one seed, so that a run can be repeated exactly. For the tests
 * of an app; nothing of the library in use loads this.
 *
 * <p>It stands for the kernels on both sides too: bounded buffers, windows, what a reset does to
 * what was not read. Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.testing;

import org.jspecify.annotations.NullMarked;
