/**
 * How many connections are open, how fast do they come and go, and why? {@link
 * io.dormouse.observe.micrometer.RegistryMetrics} binds a registry to Micrometer.
 *
 * <p>Needs {@code io.micrometer:micrometer-core}, which nothing else of the library does. An app
 * that is a module requires {@code micrometer.core} itself. Safe to use from any thread. Nothing is
 * null.
 */
@NullMarked
package io.dormouse.observe.micrometer;

import org.jspecify.annotations.NullMarked;
