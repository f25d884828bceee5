/**
 * What happened? The reports of suspends and resumes, and the snapshot of a registry.
 *
 * <p>Immutable values, safe to use from any thread. Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.observe;

import org.jspecify.annotations.NullMarked;
