/**
 * What a JVM with CRaC has, as far as {@code org.crac} asks for it by reflection: its system
 * property {@code org.crac.Core.Compat} names this package. A checkpoint here does all but the
 * snapshot: the hooks, and the look at the process's descriptors.
 */
package io.dormouse.lifecycle.crac.vm;
