import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AdminTokenRequiredError } from '../errors/request-errors';
import { AdminToken } from './admin-token';

/** Marks a controller that answers without a token. Whatever is not marked is guarded. */
export const OpenToAll = Reflector.createDecorator<true>();

/** Lets a request pass that carries the admin token as `Authorization: Bearer <token>`. */
@Injectable()
export class AdminTokenGuard implements CanActivate {
  constructor(private readonly reflector: Reflector, private readonly adminToken: AdminToken) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride(OpenToAll, [context.getHandler(), context.getClass()])) return true;
    const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined) throw new AdminTokenRequiredError('The request carries no admin token');
    if (!this.adminToken.matches(given)) throw new AdminTokenRequiredError('The admin token is not the right one');
    return true;
  }
}
