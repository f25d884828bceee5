package io.dormouse.engine;

import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.network.Reach;
import java.time.Duration;

/**
 * What the engine must know of a connection.
 *
 * @param name unique in the registry
 * @param kind what it speaks
 * @param priority higher ones come back first
 * @param connectTimeout limits {@code CONNECTING}
 * @param prepareTimeout limits {@code PREPARING}
 * @param retryPolicy decides what follows on an end
 * @param reach how its hosts are found and reached
 */
public record LinkOptions(
    String name,
    ConnectionKind kind,
    int priority,
    Duration connectTimeout,
    Duration prepareTimeout,
    RetryPolicy retryPolicy,
    Reach reach) {}
