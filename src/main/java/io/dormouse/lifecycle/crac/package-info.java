/**
 * May the JVM be checkpointed now? {@link io.dormouse.lifecycle.crac.CheckpointLifecycle} puts a
 * registry to sleep before a checkpoint of CRaC or a snapshot of AWS Lambda SnapStart, and wakes it
 * after the restore.
 *
 * <p>Needs {@code org.crac:crac}, which nothing else of the library does. Its hooks run on the
 * thread that makes the checkpoint, and wait on it. Nothing is null.
 */
@NullMarked
package io.dormouse.lifecycle.crac;

import org.jspecify.annotations.NullMarked;
