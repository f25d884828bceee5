/**
 * What happened, as a Java Flight Recorder sees it? {@link io.dormouse.observe.jfr.JfrEvents}
 * writes the generations, attempts, suspends, resumes and tasks of a registry into the recordings
 * of the JVM, beside its garbage collections, its sockets and its threads.
 *
 * <p>Needs the module {@code jdk.jfr}, which Android does not have; nothing else of the library
 * does. An app that is a module requires it itself. Safe to use from any thread. Nothing is null.
 */
@NullMarked
package io.dormouse.observe.jfr;

import org.jspecify.annotations.NullMarked;
