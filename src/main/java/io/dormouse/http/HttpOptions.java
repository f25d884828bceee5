package io.dormouse.http;

import java.time.Duration;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * What the builder was told.
 *
 * @param base the app's client; null for OkHttp's defaults
 * @param inFlight what becomes of calls in flight that don't say it themselves
 * @param waitAtMost how long a call waits for the foreground; zero to fail at once
 * @param idleSockets how many the pool keeps
 * @param idleAtMost for how long
 */
record HttpOptions(
    @Nullable OkHttpClient base,
    InFlight inFlight,
    Duration waitAtMost,
    int idleSockets,
    Duration idleAtMost) {}
