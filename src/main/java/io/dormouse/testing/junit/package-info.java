/**
 * Gives each test of JUnit 5 a simulated world, and looks at what is left of it afterwards. Who
 * uses this adds {@code org.junit.jupiter:junit-jupiter-api}, which a test has anyway. Null only
 * where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.testing.junit;

import org.jspecify.annotations.NullMarked;
